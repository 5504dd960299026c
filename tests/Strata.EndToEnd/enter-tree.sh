#!/bin/bash
# Runs a command with TREE as its root, in a mount namespace of its own: enter-tree.sh TREE COMMAND…
# By pivot_root, since in a chroot neither user namespaces nor runc work.
set -eu
if [ "${ENTERED:-}" != 1 ]; then ENTERED=1 exec unshare --mount --propagation private -- bash "$0" "$@"; fi
unset ENTERED
tree=$1; shift
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
cd "$tree"
pivot_root . mnt
umount -l /mnt
cd /
exec "$@"
