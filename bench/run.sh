#!/usr/bin/env bash
# Measures strata beside buildah, BuildKit, podman, skopeo and crane on this machine, in turns, and prints one table.
#   sudo bench/run.sh [--yes] [--quick] [--runs N] [--only start,listing,steps,again,files,ignored,transfer,layer,first-run]
#                     [--strata EXECUTABLE]
# --quick: one run each, and 5,000 files instead of 50,000. What each case is: docs/benchmarks.md.
# It installs Debian packages after asking once (--yes: without asking) and keeps a tree of Debian sid for the peers in
# artifacts/bench/sid (1 GB). All else it makes is gone when it ends; the machine's network and firewall stay as they are.
set -uo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
bench=$repository/bench
export LC_ALL=C

yes=0 runs=3 files=50000 images=1000 only=start,listing,steps,again,files,ignored,transfer,layer,first-run strata=""
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --yes) yes=1 ;;
    --quick) runs=1 files=5000 ;;
    --runs) runs=$2; shift ;;
    --only) only=$2; shift ;;
    --strata) strata=$(realpath "$2"); shift ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || { echo "run.sh: the builders are compared as root: sudo bench/run.sh" >&2; exit 1; }

# Mounts that a tool leaves behind go with this namespace.
if [ -z "${STRATA_BENCH_PRIVATE:-}" ]; then
  STRATA_BENCH_PRIVATE=1 exec unshare --mount --propagation private -- bash "$bench/run.sh" "${arguments[@]}"
fi
cd "$repository" || exit 1
. scripts/machine.sh
. bench/measure.sh
. bench/tree.sh
chosen() { [[ ,$only, == *,$1,* ]]; }
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# ── what is needed ──────────────────────────────────────────────────────────────────────────────────────────────────
need_packages "$yes" buildah skopeo docker-registry curl runc crun mmdebstrap busybox-static uidmap jq hyperfine time util-linux >&2 || exit 1
if [ -z "$strata" ]; then
  ./quickstart.sh --yes --build-only >&2 || exit 1
  strata=$repository/artifacts/strata
fi

work=$repository/artifacts/bench/run
results=$work/results log=$work/log
docker_entry="" tree_holder="" in_tree=() notes=()
finish() { close_tree; rm -rf "$work"; }
rm -rf "$work"
mkdir -p "$results"
trap finish EXIT
trap 'exit 130' INT TERM

say "The tree of Debian sid (half a minute to a few minutes the first time) …"
peers=(buildah)
if make_tree "$repository/artifacts/bench/sid" && open_tree "$repository/artifacts/bench/sid"; then
  peers+=(buildah-sid)
  if start_docker docker --storage-driver overlay2; then peers+=(buildkit); else
    notes+=("BuildKit was not measured: dockerd did not start: $(tail -n 1 "$work/dockerd.log" | cut -c 1-200)")
  fi
else
  notes+=("buildah of sid and BuildKit were not measured: the tree of Debian sid could not be made or entered")
fi

# ── the tools ───────────────────────────────────────────────────────────────────────────────────────────────────────
# A store each: they share nothing. buildah 1.43 raises limits unasked, and fails where it may not; 1.28 fails when told.
printf '[containers]\ndefault_ulimits=["nofile=%s:%s","nproc=%s:%s"]\n' "$(ulimit -Hn)" "$(ulimit -Hn)" "$(ulimit -Hu)" "$(ulimit -Hu)" |
  sed 's/unlimited/-1/g' > "$work/containers.conf"
buildah_sid=(env CONTAINERS_CONF="$work/containers.conf" buildah)
podman=(env CONTAINERS_CONF="$work/containers.conf" podman)
export BUILDX_NO_DEFAULT_ATTESTATIONS=1 HOME=/root
declare -A names=(
  [strata]="strata" [strata-runc]="strata, runc" [strata-crun]="strata, crun"
  [strata-version]="strata version" [true]="/bin/true")

use_strata() { export STRATA_ROOT=$work/$1 STRATA_RUNTIME=${2:-runc}; }
buildah_options() { options=(--root "$work/$1/root" --runroot "$work/$1/run" --storage-driver overlay); }

# builder TOOL CONTEXT: sets command to a build of it.
builder() {
  case $1 in
    strata) use_strata strata-runc; command=("$strata" build -t bench --progress=plain "$2") ;;
    strata-*) use_strata "$1" "${1#strata-}"; command=("$strata" build -t bench --progress=plain "$2") ;;
    buildah) buildah_options "$1"; command=(buildah "${options[@]}" build --layers --runtime /usr/sbin/runc --network host -t bench "$2") ;;
    buildah-sid) buildah_options "$1"
      command=("${in_tree[@]}" "${buildah_sid[@]}" "${options[@]}" build --layers --runtime /usr/sbin/runc --network host -t bench "$2") ;;
    buildkit) command=("${in_tree[@]}" docker buildx build --network host --progress=plain -t bench "$2") ;;
  esac
}

base=localhost/bench-base:1
make_base() {
  local root=$work/base applet
  mkdir -p "$root"/{bin,etc,dev,proc,sys,run,root,tmp}
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/"
  # The list names busybox itself: a link of that name would be a loop.
  for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$applet"; done
  tar -C "$root" --sort=name --numeric-owner --owner=0 --group=0 -cf "$work/base.tar" .
}

# buildah_base STORE [PREFIX…]: buildah has no import; this is its way to an image of one layer.
buildah_base() {
  local store=$1 container; shift
  buildah_options "$store"
  container=$("$@" buildah "${options[@]}" from scratch) &&
    "$@" buildah "${options[@]}" add "$container" "$work/base.tar" / &&
    "$@" buildah "${options[@]}" commit --rm "$container" "$base"
}

give_base() {
  case $1 in
    strata-*) use_strata "$1"; "$strata" import "$work/base.tar" "$base" ;;
    buildah) buildah_base buildah ;;
    buildah-sid) buildah_base buildah-sid "${in_tree[@]}" ;;
    buildkit) "${in_tree[@]}" docker import "$work/base.tar" "$base" ;;
  esac
}

say "The base image: busybox, imported by each tool"
make_base
for tool in strata-runc strata-crun "${peers[@]}"; do
  give_base "$tool" > "$log" 2>&1 || { cat "$log"; echo "run.sh: $tool did not take the base image" >&2; exit 1; }
done

# ── contexts: new contents each time, so that no tool has met any step ──────────────────────────────────────────────
steps_context() {
  local place=$1 i
  mkdir -p "$place"
  echo "FROM $base" > "$place/Dockerfile"
  for i in $(seq 10); do
    printf 'RUN echo %s.%s && touch /run-%s\nCOPY file-%s /copied/\n' "$2" "$i" "$i" "$i" >> "$place/Dockerfile"
    echo "$2 $i $RANDOM" > "$place/file-$i"
  done
}

files_context() {
  local place=$1 folder
  for folder in $(seq $((files / 1000))); do
    mkdir -p "$place/files/$folder"
    head -c $((8192 * 1000)) /dev/urandom | split -b 8192 -a 3 -d - "$place/files/$folder/f"
  done
  printf 'FROM %s\nCOPY files /files\n' "$base" > "$place/Dockerfile"
}

# ignored_context PLACE NUMBER: 2 GB in few large and many small files that .dockerignore names, and 100 small ones it does not.
ignored_context() {
  local place=$1 folder i
  if [ ! -d "$place" ]; then
    mkdir -p "$place"/{data,source,node_modules}
    for i in $(seq 20); do head -c 100M /dev/zero > "$place/data/$i"; done
    for folder in $(seq 10); do
      mkdir "$place/node_modules/$folder"
      (cd "$place/node_modules/$folder" && seq 1000 | xargs touch)
    done
    printf 'data\n**/node_modules\n' > "$place/.dockerignore"
    printf 'FROM %s\nCOPY . /app\n' "$base" > "$place/Dockerfile"
  fi
  for i in $(seq 100); do echo "$2 $i $RANDOM" > "$place/source/$i"; done
}

# ── the cases ───────────────────────────────────────────────────────────────────────────────────────────────────────
loads=()
load() { loads+=("$(cut -d ' ' -f 1-2 /proc/loadavg)"); }

run_builds() {
  local round tool
  local -a command options
  if chosen steps || chosen again; then
    for round in $(seq "$runs"); do
      load; say "10 RUN and 10 COPY, cold, round $round of $runs"
      steps_context "$work/steps-$round" "$round"
      for tool in strata-runc strata-crun "${peers[@]}"; do
        builder "$tool" "$work/steps-$round"
        # BuildKit calls a base that needs no pulling CACHED.
        measure steps "$tool" "${command[@]}" && cached 0 1 "$tool, cold"
      done
    done
  fi
  if chosen again; then
    for round in $(seq "$runs"); do
      load; say "the same again, round $round of $runs"
      for tool in strata "${peers[@]}"; do
        builder "$tool" "$work/steps-$runs"
        measure again "$tool" "${command[@]}" && cached 20 22 "$tool, again"
      done
    done
  fi
  if chosen files; then
    for round in $(seq "$runs"); do
      load; say "COPY of $files files, cold, round $round of $runs"
      files_context "$work/files-$round"
      for tool in strata "${peers[@]}"; do
        builder "$tool" "$work/files-$round"
        measure files "$tool" "${command[@]}" && cached 0 1 "$tool, files"
      done
      echo "round $round, changed" > "$work/files-$round/files/1/f000"
      for tool in strata "${peers[@]}"; do
        builder "$tool" "$work/files-$round"
        measure files-change "$tool" "${command[@]}" && cached 0 1 "$tool, one file changed"
      done
      # strata makes directories of a layer when a RUN needs them; here it does, and that is paid for.
      echo "RUN test -e /files/$((files / 1000))/f999" >> "$work/files-$round/Dockerfile"
      for tool in strata "${peers[@]}"; do
        builder "$tool" "$work/files-$round"
        measure files-run "$tool" "${command[@]}" && cached 1 2 "$tool, files and a RUN"
      done
      rm -rf "$work/files-$round"
    done
  fi
  if chosen ignored; then
    for round in $(seq "$runs"); do
      load; say "a context of 2 GB, mostly ignored, round $round of $runs"
      ignored_context "$work/ignored" "$round"
      for tool in strata "${peers[@]}"; do
        builder "$tool" "$work/ignored"
        measure ignored "$tool" "${command[@]}" && cached 0 1 "$tool, mostly ignored"
      done
    done
  fi
}

# start CASE TOOL COMMAND…: ten starts, timed by hyperfine, which adds no shell.
start() {
  local case=$1 tool=$2; shift 2
  mkdir -p "$results/$case"
  hyperfine -N --style none --warmup 1 --runs 10 --export-json "$work/start.json" "$(quoted "$@")" > "$log" 2>&1 || {
    tail -n 1 "$log" > "$results/$case/$tool.failed"; return; }
  jq -r '.results[0].times[] | "\(. * 1000000 | floor) 0 0"' "$work/start.json" >> "$results/$case/$tool"
}

run_starts() {
  local round
  for round in $(seq "$runs"); do
    load; say "starts, round $round of $runs"
    start start true /bin/true
    start start strata-version "$strata" version
  done
}

version_of() { "$@" 2>/dev/null | head -n 1; }
names[buildah]="buildah $(buildah --version | cut -d ' ' -f 3), runc"
names[skopeo]="skopeo $(skopeo --version | cut -d ' ' -f 3)"
if [ -n "$tree_holder" ]; then
  names[buildah-sid]="buildah $("${in_tree[@]}" buildah --version | cut -d ' ' -f 3), runc"
  names[podman]="podman $("${in_tree[@]}" podman --version | cut -d ' ' -f 3)"
  names[skopeo-sid]="skopeo $("${in_tree[@]}" skopeo --version | cut -d ' ' -f 3)"
  names[crane]="crane $("${in_tree[@]}" dpkg-query -W -f '${source:Upstream-Version}' crane | cut -d + -f 1)"
fi
if [ -n "$docker_entry" ]; then
  names[docker]="dockerd $("${in_tree[@]}" docker version --format '{{.Server.Version}}' | cut -d + -f 1)"
  names[buildkit]="BuildKit of ${names[docker]}"
fi

. bench/transfer.sh
. bench/layer.sh
. bench/first-run.sh
. bench/listing.sh
chosen start && run_starts
chosen listing && run_listings
run_builds
chosen transfer && run_transfers
chosen layer && run_layers
chosen first-run && run_first_runs
load

# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────
echo
echo "$(date -u +%F), $runs runs each in turns; load averages (1 and 5 minutes) from $(printf '%s\n' "${loads[@]}" | sort -n | head -n 1) to $(printf '%s\n' "${loads[@]}" | sort -n | tail -n 1)"
echo "$(nproc) × $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GB, $(. /etc/os-release; echo "$PRETTY_NAME"), kernel $(uname -r), stores on $(findmnt -n -o FSTYPE --target "$work")"
echo "$(version_of "$strata" version); $(version_of runc --version); $(version_of crun --version)"
[ -n "$tree_holder" ] && echo "in the sid tree: $(version_of "${in_tree[@]}" runc --version)$([ -n "$docker_entry" ] && echo "; $(version_of "${in_tree[@]}" docker --version); $(version_of "${in_tree[@]}" docker buildx version)")"
echo
table_head
table_rows again "10 RUN + 10 COPY, nothing changed" strata buildah buildah-sid buildkit
table_rows steps "10 RUN + 10 COPY, cold" strata-runc strata-crun buildah buildah-sid buildkit
table_rows files "COPY of $files files of 8 KB, cold" strata buildah buildah-sid buildkit
table_rows files-change "one of those files changed" strata buildah buildah-sid buildkit
table_rows files-run "then a RUN added after it" strata buildah buildah-sid buildkit
table_rows ignored "2 GB context, 100 files not ignored" strata buildah buildah-sid buildkit
chosen transfer && transfer_rows
chosen layer && layer_rows
chosen first-run && first_run_rows
chosen listing && listing_rows
chosen start && table_rows start "start" strata-version true
chosen layer && layer_sizes
[ ${#notes[@]} = 0 ] || { echo; printf '%s\n' "${notes[@]}"; }
