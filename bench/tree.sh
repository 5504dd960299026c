# Sourced by run.sh: a tree of Debian sid for the peers that bookworm does not have, and a namespace to run them in.

tree_packages=docker.io,docker-cli,docker-buildx,buildah,podman,skopeo,crane,netavark,runc,ca-certificates

# make_tree TREE: with mmdebstrap, from wherever this machine gets its own Debian packages. A tree of other packages is made anew.
make_tree() {
  local tree=$1 from
  [ "$(cat "$tree/.complete" 2>/dev/null)" = "$tree_packages" ] && return 0
  rm -rf "$tree"
  mkdir -p "$(dirname "$tree")"
  from=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' \
    "Codename: $(. /etc/os-release; echo "${VERSION_CODENAME:-}")" | head -n 1)
  # A frozen mirror's sid is past its validity. policy-rc.d: no package may start a service while it is installed.
  mmdebstrap --quiet --variant=minbase --include="$tree_packages" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --essential-hook='mkdir -p "$1/usr/sbin"; printf "#!/bin/sh\nexit 101\n" > "$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
    sid "$tree" ${from:+"$from"} >/dev/null || return 1
  echo "$tree_packages" > "$tree/.complete"
}

# open_tree TREE: a process that holds namespaces (mounts, network, processes) with the tree as its root, and $work in
# the same place as outside. in_tree is what to write before a command. All that runs in it ends with close_tree, and
# with this shell, however it ends.
open_tree() {
  local tree=$1
  rm -f "$work/tree-open"
  setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child --propagation private -- bash "$bench/tree-init.sh" "$tree" "$work" &
  tree_holder=$!
  until [ -e "$work/tree-open" ]; do
    kill -0 "$tree_holder" 2>/dev/null || { tree_holder=""; return 1; }
    sleep 0.05
  done
  in_tree=(nsenter --target "$(children_of "$tree_holder")" --mount --net --pid --)
}

children_of() { tr -d '\n' 2>/dev/null < "/proc/$1/task/$1/children" | sed 's/ $//'; }

# The daemon keeps its hands off network and firewall twice over: by its flags, and by having a network of its own.
# start_docker STORE OPTION…: with its data in that folder of $work.
start_docker() {
  local store=$1 i; shift
  mkdir -p "$work/$store"
  docker_groups=$(ls -d /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null)
  "${in_tree[@]}" dockerd --data-root "$work/$store" "$@" \
    --iptables=false --ip6tables=false --ip-forward=false --bridge=none > "$work/dockerd.log" 2>&1 &
  docker_entry=$!
  for i in $(seq 300); do
    "${in_tree[@]}" docker version >/dev/null 2>&1 && return 0
    kill -0 "$docker_entry" 2>/dev/null || break
    sleep 0.1
  done
  return 1
}

# docker_processes: dockerd and its containerd, as numbered outside.
docker_processes() {
  local dockerd
  dockerd=$(children_of "$docker_entry")
  echo "$dockerd $(children_of "$dockerd")"
}

stop_docker() {
  local dockerd
  [ -n "${docker_entry:-}" ] || return 0
  dockerd=$(children_of "$docker_entry")
  [ -n "$dockerd" ] && kill "$dockerd" 2>/dev/null
  wait "$docker_entry" 2>/dev/null
  docker_entry=""
  # dockerd leaves its control groups; where there were none before, these are its own and empty.
  [ -n "$docker_groups" ] || find /sys/fs/cgroup -depth -mindepth 1 -maxdepth 5 -type d \
    \( -path /sys/fs/cgroup/docker -o -path '/sys/fs/cgroup/docker/*' -o -path '/sys/fs/cgroup/*/docker' -o -path '/sys/fs/cgroup/*/docker/*' \) \
    -exec rmdir {} \; 2>/dev/null
}

close_tree() {
  stop_docker
  if [ -n "${tree_holder:-}" ]; then
    kill -KILL "$tree_holder" 2>/dev/null
    wait "$tree_holder" 2>/dev/null
    tree_holder=""
  fi
}
