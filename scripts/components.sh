#!/usr/bin/env bash
# What is inside the executable, as it is made: a CycloneDX list and the licences of all of it.
#   scripts/components.sh RID OUTPUT-FOLDER   →  components.cdx.json, THIRD-PARTY-NOTICES.txt
set -euo pipefail
cd "$(dirname "$0")/.."
rid=$1 out=$2
mkdir -p "$out"
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
version=$(sed -nE 's:.*<Version>(.*)</Version>.*:\1:p' Directory.Build.props)
lock=src/Strata.Cli/packages.lock.json
notices=$out/THIRD-PARTY-NOTICES.txt
list=$out/components.cdx.json
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# name<TAB>version of every package of the lock file that ends up in the executable (tools of the build do not).
awk '/^      "[^"]+": \{/ { gsub(/[",:{ ]/, "", $1); name = $1 } /"resolved":/ { gsub(/[", ]/, "", $2); print name "\t" $2 }' "$lock" |
  grep -vE '^(Microsoft\.CodeAnalysis|Microsoft\.NET\.ILLink|runtime\.)' | sort -u > "$rows"

{
  echo "What the strata executable contains besides Strata itself, and under which terms."
  echo
} > "$notices"

first=1
component() { # name version purl licence
  [ "$first" = 1 ] || printf ',\n' >> "$list"
  first=0
  printf '    { "type": "%s", "name": "%s", "version": "%s", "purl": "%s", "licenses": [ { "expression": "%s" } ] }' \
    library "$1" "$2" "$3" "$4" >> "$list"
}
notice() { # title file…
  local title=$1; shift
  { echo "==== $title"; for file in "$@"; do [ -f "$file" ] && { tr -d '\r' < "$file"; echo; }; done; echo; } >> "$notices"
}
debian_version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }

printf '{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6",\n  "version": 1,\n  "metadata": { "component": { "type": "application", "name": "strata", "version": "%s" } },\n  "components": [\n' "$version" > "$list"
while IFS=$'\t' read -r name resolved; do
  folder=$packages/${name,,}/$resolved
  case ${name,,} in
    microsoft.dotnet.ilcompiler)
      runtime=$packages/microsoft.netcore.app.runtime.nativeaot.$rid/$resolved
      component ".NET runtime (Native AOT)" "$resolved" "pkg:nuget/Microsoft.NETCore.App.Runtime.NativeAOT.$rid@$resolved" MIT
      notice ".NET runtime $resolved (MIT), with zlib-ng and brotli" "$runtime/LICENSE.TXT" "$runtime/THIRD-PARTY-NOTICES.TXT"
      component "ASP.NET Core" "$resolved" "pkg:nuget/Microsoft.AspNetCore.App.Runtime.$rid@$resolved" MIT
      notice "ASP.NET Core $resolved (MIT)" "$packages/microsoft.aspnetcore.app.runtime.$rid/$resolved"/{LICENSE.txt,THIRD-PARTY-NOTICES.TXT}
      ;;
    *)
      licence=$(sed -nE 's:.*<license type="expression">([^<]*)</license>.*:\1:p' "$folder"/*.nuspec 2>/dev/null | head -n 1)
      component "$name" "$resolved" "pkg:nuget/$name@$resolved" "${licence:-LicenseRef-see-notices}"
      notice "$name $resolved (${licence:-see below})" "$folder"/LICENSE* "$folder"/license*
      ;;
  esac
done < "$rows"
sqlite=$(awk -F'\t' 'tolower($1) == "sqlitepclraw.lib.e_sqlite3" { print $2 }' "$rows")
component SQLite "${sqlite:-unknown}" "pkg:generic/sqlite@${sqlite:-unknown}" blessing
notice "SQLite ${sqlite:-unknown}: in the public domain (https://sqlite.org/copyright.html)"
ssl=$(debian_version libssl-dev) libc=$(debian_version libc6-dev)
component OpenSSL "$ssl" "pkg:deb/debian/libssl-dev@$ssl" Apache-2.0
notice "OpenSSL $ssl" /usr/share/doc/libssl-dev/copyright
component "GNU C library" "$libc" "pkg:deb/debian/libc6-dev@$libc" "LGPL-2.1-or-later"
notice "GNU C library $libc" /usr/share/doc/libc6-dev/copyright
printf '\n  ]\n}\n' >> "$list"
