# Sourced by run.sh: an image of 1 GB in 8 layers on its way between stores, registries and archives, beside skopeo and crane.
# They do not sync what they write; "+ sync" is the same followed by a sync of the file system, as strata does it.

transfer_peers=(skopeo skopeo-sync)
# Both from the tree, in the network of this machine, where the registries listen.
in_tree_files=()
if [ -n "$tree_holder" ]; then
  in_tree_files=(nsenter --target "$(children_of "$tree_holder")" --mount --pid --)
  transfer_peers+=(skopeo-sid skopeo-sid-sync crane crane-sync)
else
  notes+=("crane and skopeo of sid were not measured: there is no tree of Debian sid")
fi
for tool in skopeo skopeo-sid crane; do names[$tool-sync]="${names[$tool]} + sync"; done

# moved CASE TOOL COMMAND…: as measure; the tools that end in -sync end with the sync.
moved() {
  local case=$1 tool=$2; shift 2
  case $tool in
    *-sync) measure "$case" "$tool" bash -c '"$@" && sync -f "$0"' "$work" "$@" ;;
    *) measure "$case" "$tool" "$@" ;;
  esac
}

# open_registry KIND: an empty one on loopback, of the network that in_net enters; sets registry to its host:port, and registry_pid.
open_registry() {
  local port line
  rm -rf "$work/registry"; mkdir -p "$work/registry"
  case $1 in
    strata)
      "$strata" registry serve --data "$work/registry" --listen 127.0.0.1:0 > "$work/registry.log" 2>&1 &
      registry_pid=$!
      until line=$(grep -om 1 '://[^ ]*' "$work/registry.log"); do kill -0 "$registry_pid" || return 1; sleep 0.02; done
      registry=${line#://} ;;
    distribution)
      port=$((20000 + RANDOM % 20000)) registry=127.0.0.1:$port
      printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\n' "$work/registry" "$registry" > "$work/registry.yml"
      "${in_net[@]}" docker-registry serve "$work/registry.yml" > "$work/registry.log" 2>&1 &
      registry_pid=$!
      until "${in_net[@]}" curl -sf "http://$registry/v2/" > /dev/null; do kill -0 "$registry_pid" || return 1; sleep 0.02; done ;;
  esac
  registry=${registry%/}
}

close_registry() { kill "$registry_pid"; wait "$registry_pid" 2>/dev/null; }

# Seven layers over the base, each a file of 64 MB that does not compress and one of 80 MB that does.
transfer_image() {
  local place=$work/transfer i
  mkdir -p "$place"
  echo "FROM $base" > "$place/Dockerfile"
  for i in $(seq 7); do
    head -c 64M /dev/urandom > "$place/random-$i"
    yes "line of layer $i" | head -c 80M > "$place/text-$i"
    printf 'COPY random-%s text-%s /data/\n' "$i" "$i" >> "$place/Dockerfile"
  done
  use_strata transfer-store
  "$strata" import "$work/base.tar" "$base" && "$strata" build -q -t bench/gb:1 "$place" && rm -rf "$place" || return 1
  open_registry distribution || return 1
  # Pushed once, its layers are compressed, which a store remembers; skopeo gets the same blobs as a layout.
  "$strata" tag bench/gb:1 "$registry/bench/gb:1" && "$strata" push -q "$registry/bench/gb:1" &&
    skopeo copy -q --src-tls-verify=false "docker://$registry/bench/gb:1" "oci:$work/gb-oci:1" &&
    "$strata" save -o "$work/gb.tar" bench/gb:1 && skopeo copy -q "docker-archive:$work/gb.tar" "dir:$work/gb-dir"
  local code=$?
  close_registry
  return $code
}

# skopeo and buildah remember where they have seen a blob, and would mount it.
forget_blobs() { rm -f {,"$repository/artifacts/bench/sid"}/var/lib/containers/cache/blob-info-cache-v1.*; }

# transfer TOOL WAY: sets command to a push to, or pull from, $registry.
transfer() {
  local name=$registry/bench/gb:1
  local -a run=()
  case $1 in *-sid*|crane*) run=("${in_tree_files[@]}") ;; esac
  case $1-$2 in
    strata-push) use_strata transfer-store; "$strata" tag bench/gb:1 "$name" > "$log" 2>&1; command=("$strata" push -q "$name") ;;
    strata-pull) use_strata pulled; command=("$strata" pull -q "$name") ;;
    skopeo*-push) command=("${run[@]}" skopeo copy -q --dest-tls-verify=false "oci:$work/gb-oci:1" "docker://$name") ;;
    skopeo*-pull) command=("${run[@]}" skopeo copy -q --src-tls-verify=false "docker://$name" "oci:$work/pulled:1") ;;
    crane*-push) command=("${run[@]}" crane push --insecure "$work/gb-oci" "$name") ;;
    crane*-pull) command=("${run[@]}" crane pull --insecure --format oci "$name" "$work/pulled") ;;
  esac
}

run_transfers() {
  local round kind tool
  local -a run command in_net=()
  say "An image of 1 GB in 8 layers"
  transfer_image > "$log" 2>&1 || { notes+=("Transfers were not measured: $(tail -n 1 "$log" | cut -c 1-200)"); return; }
  for round in $(seq "$runs"); do
    load; say "pushed, pulled, saved, loaded, round $round of $runs"
    for kind in distribution strata; do
      for tool in strata "${transfer_peers[@]}"; do
        open_registry "$kind" || return
        forget_blobs
        transfer "$tool" push
        moved "push-$kind" "$tool" "${command[@]}"
        rm -rf "$work/pulled"; forget_blobs
        transfer "$tool" pull
        moved "pull-$kind" "$tool" "${command[@]}"
        rm -rf "$work/pulled"
        close_registry
      done
      open_registry "$kind" || return
      measure "push-$kind" curl "$bench/push-floor.sh" "$work/gb-oci" "$registry/bench/gb"
      close_registry
    done
    for tool in strata "${transfer_peers[@]}"; do
      rm -rf "$work/saved.tar" "$work/loaded"; sync -f "$work"
      run=()
      case $tool in
        strata) use_strata transfer-store
          moved save "$tool" "$strata" save -o "$work/saved.tar" bench/gb:1
          STRATA_ROOT=$work/loaded moved load "$tool" "$strata" load -q -i "$work/gb.tar" ;;
        skopeo*) [[ $tool = *-sid* ]] && run=("${in_tree_files[@]}")
          moved save "$tool" "${run[@]}" skopeo copy -q "dir:$work/gb-dir" "docker-archive:$work/saved.tar:bench/gb:1"
          moved load "$tool" "${run[@]}" skopeo copy -q "docker-archive:$work/gb.tar" "dir:$work/loaded" ;;
      esac
    done
    rm -rf "$work/saved.tar" "$work/loaded"
    measure save disk dd if="$work/gb.tar" of="$work/saved.tar" bs=1M conv=fsync
    rm -f "$work/saved.tar"
  done
}

transfer_rows() {
  local kind
  names[disk]="dd conv=fsync (the disk)" names[curl]="curl, nothing checked"
  for kind in distribution strata; do
    table_rows "push-$kind" "push 1 GB to ${kind/strata/strata\'s registry}" strata "${transfer_peers[@]}" curl
    table_rows "pull-$kind" "pull it from ${kind/strata/strata\'s registry}" strata "${transfer_peers[@]}"
  done
  table_rows save "save it as an archive" strata "${transfer_peers[@]}" disk
  table_rows load "load that archive" strata "${transfer_peers[@]}"
}
