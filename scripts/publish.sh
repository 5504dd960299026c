#!/usr/bin/env bash
# Makes the one executable: scripts/publish.sh [TARGET]. Needs the .NET 10 SDK, clang, lld, cmake and libssl-dev.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-artifacts/strata}
case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "publish.sh: no .NET Native AOT for $(uname -m)" >&2; exit 1 ;;
esac
out=artifacts/publish/$rid
# The list goes into the executable, so it comes first; restoring brings the packages it reads.
dotnet restore src/Strata.Cli -r "$rid" -v quiet -nologo
scripts/components.sh "$rid" artifacts/components
dotnet publish src/Strata.Cli -c Release -r "$rid" -o "$out" -v quiet -nologo
mkdir -p "$(dirname "$target")"
# By rename: a running strata keeps its own file.
cp "$out/strata" "$target.new"
mv -f "$target.new" "$target"
cp artifacts/components/THIRD-PARTY-NOTICES.txt artifacts/components/components.cdx.json "$(dirname "$target")/"
