#!/bin/bash
# push-floor.sh LAYOUT HOST:PORT/REPOSITORY: pushes the blobs of an OCI layout's first image by curl, all at once, and its manifest.
# It checks nothing and shows nothing: most of what it takes is the registry's own work, which no client can save.
set -euo pipefail

layout=$1 base=http://${2%%/*}/v2/${2#*/}
file_of() { echo "$layout/blobs/${1/://}"; }

manifest=$(jq -r '.manifests[0].digest' "$layout/index.json")
config=$(mktemp)
trap 'rm -f "$config"' EXIT
for digest in $(jq -r '.config.digest, .layers[].digest' "$(file_of "$manifest")" | sort -u); do
  location=$(curl -sf -X POST -H 'Content-Length: 0' -o /dev/null -w '%header{location}' "$base/blobs/uploads/")
  [[ $location = /* ]] && location=http://${2%%/*}$location
  separator='?'; [[ $location = *\?* ]] && separator='&'
  printf 'next\nurl = "%s"\nupload-file = "%s"\noutput = /dev/null\nfail\nsilent\nheader = "Content-Type: application/octet-stream"\n' \
    "$location${separator}digest=$digest" "$(file_of "$digest")"
done > "$config"
curl --parallel --parallel-immediate --parallel-max 8 -K "$config"
curl -sf -o /dev/null -X PUT -H "Content-Type: $(jq -r .mediaType "$(file_of "$manifest")")" --data-binary "@$(file_of "$manifest")" "$base/manifests/1"
