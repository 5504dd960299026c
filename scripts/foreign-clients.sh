#!/usr/bin/env bash
# Clients of others that Debian 12 lacks, or that are better not installed: their packages are downloaded from where this
# machine gets its own, and unpacked; nothing is installed, set up or started.
#   scripts/foreign-clients.sh DIR   →  DIR/bin: crane, oras (Debian sid); docker, dockerd, containerd (Debian 12)
# What is complete is left alone. When it cannot be done, one sentence on stderr says why.
set -uo pipefail
dir=${1:?where to?}
packages=(crane/sid oras/sid docker.io/bookworm containerd/bookworm)
programs=(crane oras docker dockerd containerd containerd-shim-runc-v2)

cannot() { echo "crane, oras and docker are not here: $*" >&2; clean; exit 1; }
clean() { rm -rf "$dir/lists" "$dir/debs" "$dir/root" "$dir/sources.list"; }

[ "$(cat "$dir/.complete" 2>/dev/null)" = "${packages[*]}" ] && exit 0
clean
mkdir -p "$dir/lists/partial" "$dir/debs" "$dir/root" "$dir/bin" 2>/dev/null || cannot "the folder $dir cannot be made."
dir=$(cd "$dir" && pwd)
command -v apt-get >/dev/null || cannot "this machine has no apt-get."

from=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' \
  "Codename: $(. /etc/os-release; echo "${VERSION_CODENAME:-}")" | head -n 1)
[ -n "$from" ] || cannot "apt names no place of Debian's packages here, or has never read its lists (apt-get update)."
printf 'deb %s %s main\n' "$from" bookworm "$from" sid > "$dir/sources.list"

# Lists of its own: the machine's know nothing of sid, and stay so. A frozen mirror's sid is past its date.
apt() {
  apt-get -qq -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$dir/lists" \
    -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none \
    -o Acquire::Retries=2 -o APT::Update::Error-Mode=any -o APT::Sandbox::User=root "$@"
}
said=$( { apt update && cd "$dir/debs" && apt download "${packages[@]}"; } 2>&1 >/dev/null ) ||
  cannot "$(grep -m 1 '^E: ' <<<"$said" || tail -n 1 <<<"$said")"
for package in "$dir"/debs/*.deb; do
  dpkg -x "$package" "$dir/root" || cannot "$package cannot be unpacked."
done
for program in "${programs[@]}"; do
  mv -f "$dir"/root/usr/*bin/"$program" "$dir/bin/" || cannot "the packages hold no $program."
done
missing=$(ldd "$dir"/bin/* 2>/dev/null | awk '/not found/ { print $1 }' | sort -u | paste -sd' ')
[ -z "$missing" ] || cannot "they need what is not installed: $missing."
clean
echo "${packages[*]}" > "$dir/.complete"
