# Run by tree.sh as the first process of new namespaces: makes TREE the root by pivot_root (in a chroot, runc and user
# namespaces fail), with SHARED where it was.
set -euo pipefail
tree=$1 shared=$2
busybox ip link set lo up
mount --bind "$tree" "$tree"
mkdir -p "$tree$shared"
mount --bind "$shared" "$tree$shared"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
mkdir "$tree/tmp/old"
cd "$tree"
pivot_root . tmp/old
umount -l /tmp/old
touch "$shared/tree-open"
# bash stays the first process, since it reaps what is orphaned.
sleep infinity &
wait
