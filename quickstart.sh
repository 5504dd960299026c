#!/usr/bin/env bash
# Builds the strata executable and shows it at work: build, run, rebuild, share, push, pull, roll back.
#   ./quickstart.sh [--yes] [--build-only]
# It installs Debian packages after asking once (--yes: without asking), writes the executable to ./artifacts/strata,
# and keeps everything it makes under ./artifacts/quickstart; your own images and containers are not touched.
set -uo pipefail
cd "$(dirname "$0")"
yes=0 build_only=0
for arg in "$@"; do
  case $arg in
    --yes) yes=1 ;;
    --build-only) build_only=1 ;;
    -h|--help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "quickstart.sh: unknown option $arg (see --help)" >&2; exit 2 ;;
  esac
done

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then b=$'\e[1m' c=$'\e[36m' d=$'\e[2m' n=$'\e[0m'; else b="" c="" d="" n=""; fi
title() { printf '\n%s── %s %s\n' "$b" "$*" "$n"; }
note() { printf '%s%s%s\n' "$d" "$*" "$n"; }
show() { printf '%s$ %s%s\n' "$c" "$*" "$n"; }
fail() { printf '\nquickstart.sh: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || [ "$build_only" = 1 ] || fail "building with RUN and running containers need root in this version: sudo ./quickstart.sh (or --build-only for the executable alone)"

. scripts/machine.sh
begun=$SECONDS

# ── what the machine needs ──────────────────────────────────────────────────────────────────────────────────────────
# clang … libssl-dev link the executable; runc runs containers; curl fetches the page; the rest makes base images where
# docker.io can't be reached.
packages=(clang lld cmake libssl-dev zlib1g-dev runc curl ca-certificates)
online=0
hub_answers() { [ "$(curl -s -m 8 -o /dev/null -w '%{http_code}' https://registry-1.docker.io/v2/ 2>/dev/null)" = 401 ]; }
if command -v curl >/dev/null && hub_answers; then online=1; else packages+=(mmdebstrap); fi
need_dotnet "$yes" || fail "there is no .NET 10 SDK to build with"
need_packages "$yes" "${packages[@]}" || fail "packages are missing: ${packages[*]}"
[ "$online" = 1 ] || ! hub_answers || online=1

# ── the executable ──────────────────────────────────────────────────────────────────────────────────────────────────
title "The executable"
if [ -x artifacts/strata ] && [ -z "$(find src Directory.Build.props Directory.Packages.props scripts -newer artifacts/strata -type f -print -quit)" ]; then
  note "artifacts/strata is newer than every source file."
else
  note "Publishing one native, static executable (one to two minutes the first time) …"
  scripts/publish.sh artifacts/strata > artifacts-publish.log 2>&1 || { cat artifacts-publish.log; rm -f artifacts-publish.log; fail "publishing failed"; }
  rm -f artifacts-publish.log
fi
show "strata version"
artifacts/strata version || fail "the executable does not start"
[ "$build_only" = 1 ] && exit 0

# ── its own store, its own copies of the examples ───────────────────────────────────────────────────────────────────
place=$PWD/artifacts/quickstart
mkdir -p "$place"
export STRATA_ROOT=$place/store
strata() { "$strata_exe" "$@"; }
strata_exe=$PWD/artifacts/strata
rm -rf "$place/app" "$place/multi-stage" "$place/registry"
cp -r examples/node-app "$place/app"
cp -r examples/multi-stage "$place/multi-stage"
started=()
finish() {
  strata rm -f demo >/dev/null 2>&1
  for pid in ${started[@]+"${started[@]}"}; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
}
trap finish EXIT
strata rm -f demo >/dev/null 2>&1

# ── base images ─────────────────────────────────────────────────────────────────────────────────────────────────────
node_base=() gcc_base=()
# local_base NAME PACKAGES…: a Debian image of this machine's own packages, imported under a name that says so.
local_base() {
  local name=$1; shift
  strata images -q "$name" 2>/dev/null | grep -q . && return 0
  local release tar=$place/base.tar
  release=$(. /etc/os-release; echo "${VERSION_CODENAME:-stable}")
  note "Making $name from Debian packages (${*// /, }) …"
  mmdebstrap --quiet --skip=output/dev --variant=minbase --include="$(IFS=,; echo "$*")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/etc/resolv.conf "$1"/etc/hostname' \
    "$release" "$tar" >/dev/null 2> "$place/base.log" || { tail -n 5 "$place/base.log" >&2; fail "mmdebstrap could not make $name"; }
  show "strata import base.tar $name"
  strata import "$tar" "$name" || fail "the import failed"
  rm -f "$tar"
}
if [ "$online" = 0 ]; then
  title "Base images"
  echo "docker.io can't be reached from here, so the two base images are made from this machine's Debian packages."
  echo "They are named localhost/…, for that is where they come from; the Dockerfiles stay as they are, and"
  echo "--build-context tells the build what to take instead."
  local_base localhost/node:18-debian nodejs npm ca-certificates
  local_base localhost/gcc:debian gcc libc6-dev
  node_base=(--build-context node:18-alpine=docker-image://localhost/node:18-debian)
  gcc_base=(--build-context gcc:14=docker-image://localhost/gcc:debian)
fi

# fetch URL: waits for the page of a container that has just started.
fetch() {
  local i
  for i in $(seq 100); do curl -fs -m 2 "$1" && return 0; sleep 0.1; done
  strata logs demo; fail "nothing answers at $1"
}
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# ── 1. build, run ───────────────────────────────────────────────────────────────────────────────────────────────────
title "A Dockerfile becomes an image"
show "cat Dockerfile"; grep -v '^#' "$place/app/Dockerfile" | grep .
show "strata build -t my-app:v1 ${node_base[*]-} ."
strata build -t my-app:v1 ${node_base[@]+"${node_base[@]}"} "$place/app" || fail "the build failed"

title "The image runs"
port=$(free_port)
show "strata run -d --name demo -e PORT=$port my-app:v1"
strata run -d --name demo -e PORT="$port" my-app:v1 || fail "the container did not start"
show "curl http://127.0.0.1:$port/"
fetch "http://127.0.0.1:$port/"
show "strata ps"; strata ps
strata rm -f demo >/dev/null

# ── 2. one line changes ─────────────────────────────────────────────────────────────────────────────────────────────
title "One line of the source changes: only the last COPY runs"
sed -i "s/Hello from version 1/Hello from version 2/" "$place/app/server.js"
show "sed -i 's/version 1/version 2/' server.js"
show "strata build -t my-app:v2 ."
strata build -t my-app:v2 ${node_base[@]+"${node_base[@]}"} "$place/app" || fail "the rebuild failed"
show "strata layers my-app:v1 my-app:v2"
strata layers my-app:v1 my-app:v2

# ── 3. multi-stage ──────────────────────────────────────────────────────────────────────────────────────────────────
title "Two stages: the compiler stays behind"
show "strata build -t hello ${gcc_base[*]-} ."
strata build -t hello:latest ${gcc_base[@]+"${gcc_base[@]}"} "$place/multi-stage" || fail "the build failed"
show "strata run --rm hello Strata"
strata run --rm hello:latest Strata || fail "the program did not run"
show "strata run --rm --entrypoint sh hello      # there is no shell in it"
strata run --rm --entrypoint sh hello:latest && fail "a shell ran where there should be none"
strata build -q --target build -t hello:build-stage ${gcc_base[@]+"${gcc_base[@]}"} "$place/multi-stage" >/dev/null || fail "the first stage could not be named"
show "strata images hello      # what each stage weighs"; strata images hello

# ── 4. a registry ───────────────────────────────────────────────────────────────────────────────────────────────────
title "A registry: push, list, pull, roll back"
port=$(free_port)
reg=127.0.0.1:$port
show "strata registry serve --data ./registry --listen $reg &"
# Not the function: its pid would be that of a shell around it.
"$strata_exe" registry serve --data "$place/registry" --listen "$reg" > "$place/registry.log" 2>&1 &
started+=($!)
for i in $(seq 100); do curl -fs -o /dev/null "http://$reg/v2/" && break; sleep 0.1; done
for version in v1 v2; do
  strata tag my-app:$version "$reg/team/my-app:$version"
  show "strata push $reg/team/my-app:$version"
  strata push "$reg/team/my-app:$version" || fail "the push failed"
done
strata tag my-app:v1 "$reg/team/my-app:latest" && strata push -q "$reg/team/my-app:latest" || fail "the push failed"
strata tag my-app:v2 "$reg/team/my-app:latest" && strata push -q "$reg/team/my-app:latest" || fail "the push failed"
show "strata tags $reg/team/my-app"
strata tags "$reg/team/my-app" || fail "the tags could not be listed"
show "strata rmi my-app:v1 $reg/team/my-app:v1 …"
strata rmi my-app:v1 my-app:v2 "$reg/team/my-app:v1" "$reg/team/my-app:v2" "$reg/team/my-app:latest" >/dev/null || fail "removing the images failed"
show "strata pull $reg/team/my-app:v1"
strata pull "$reg/team/my-app:v1" || fail "the pull failed"
port=$(free_port)
strata run -d --name demo -e PORT="$port" "$reg/team/my-app:v1" >/dev/null || fail "the pulled image did not run"
show "curl http://127.0.0.1:$port/"; fetch "http://127.0.0.1:$port/"
strata rm -f demo >/dev/null
show "strata tags history $reg/team/my-app:latest"
strata tags history "$reg/team/my-app:latest"
show "strata tags rollback $reg/team/my-app:latest"
strata tags rollback "$reg/team/my-app:latest" || fail "the roll-back failed"
strata pull -q "$reg/team/my-app:latest" >/dev/null || fail "the pull failed"
port=$(free_port)
strata run -d --name demo -e PORT="$port" "$reg/team/my-app:latest" >/dev/null || fail "latest did not run"
show "curl http://127.0.0.1:$port/      # latest, after the roll-back"; fetch "http://127.0.0.1:$port/"

title "Done in $((SECONDS - begun)) s"
cat <<X
The executable is ./artifacts/strata: copy it anywhere. To look at what was just made:
  export STRATA_ROOT=$STRATA_ROOT
  ./artifacts/strata images
X
