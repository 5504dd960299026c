# Sourced by run.sh: one layer of 1.17 GB, built and on its way at once: pushed to a registry, or written as an OCI archive,
# compressed with gzip and with zstd, each tool at its own default level. Of skopeo it is the way alone, from a bare tar.

layer_bytes=1170000000

# files_up_to BYTES ROOT PATH…: the files and links below these paths, by name, as many as hold that many bytes.
files_up_to() {
  local bytes=$1 root=$2; shift 2
  (cd "$root" && find "$@" -xdev \( -type f -size -64M -o -type l \) -printf '%s %p\n' 2>/dev/null) | LC_ALL=C sort -k 2 |
    awk -v left="$bytes" '{ left -= $1; if (left < 0) exit; sub(/^[0-9]+ /, ""); print }'
}

# What a Debian has under /usr: programs, libraries, scripts, texts. The tree of sid first, which is nearly the same anywhere.
layer_tree() {
  local place=$1 sid=$repository/artifacts/bench/sid
  mkdir -p "$place/usr" "$place/more"
  [ -d "$sid/usr" ] && files_up_to "$layer_bytes" "$sid" usr | tar -C "$sid" -cf - -T - | tar -C "$place" -xf -
  files_up_to $((layer_bytes - $(du -sb "$place" | cut -f 1))) /usr lib share | tar -C /usr -cf - -T - 2>/dev/null | tar -C "$place/more" -xf -
}

# layer_context PLACE MARK: the same tree for everyone, with one file that is new and in a folder of a new name: no tool has met
# the layer, and BuildKit does not remember what it was sent.
layer_context() {
  rm -rf "$work"/layer-context-*/tree/mark
  [ -d "$work/layer-tree" ] && mkdir -p "$1" && mv "$work/layer-tree" "$1/tree"
  echo "$2 $RANDOM" > "$1/tree/mark"
  printf 'FROM scratch\nCOPY tree /\n' > "$1/Dockerfile"
}

quoted() { printf '%q ' "$@"; }

# layer_way TOOL FORM WAY CONTEXT: sets command. WAY is push, to $registry, or export, to $work/layer.tar.
layer_way() {
  local tool=$1 form=$2 way=$3 context=$4 name=$registry/bench/layer:1 to=docker://$registry/bench/layer:1
  local -a prefix=("${in_net[@]}") program=(buildah)
  [ "$way" = export ] && to=oci-archive:$work/layer.tar:1
  case $tool in
    strata) use_strata layer-strata
      command=("$strata" build -q -t "$name" "$context")
      command=("${in_net[@]}" bash -c "$(quoted "${command[@]}") && $(quoted "$strata" copy -q --compression "$form" "store:$name" "$to")") ;;
    buildah|buildah-sid) buildah_options "layer-$tool"
      [ "$tool" = buildah-sid ] && prefix=("${in_tree[@]}") program=("${buildah_sid[@]}")
      program=("${prefix[@]}" "${program[@]}" "${options[@]}")
      command=(bash -c "$(quoted "${program[@]}" build --layers -q -t "$name" "$context") &&
        $(quoted "${program[@]}" push -q --tls-verify=false --compression-format "$form" "$name" "$to")") ;;
    buildkit)
      local output="type=oci,dest=$work/layer.tar"
      [ "$way" = push ] && output="type=image,name=$name,push=true"
      command=("${in_tree[@]}" docker buildx build --output "$output,compression=$form,force-compression=true,oci-mediatypes=true" "$context") ;;
    skopeo*)
      [ "$tool" = skopeo-sid ] && prefix=("${in_tree[@]}")
      command=("${prefix[@]}" skopeo copy -q --dest-tls-verify=false --dest-compress-format "$form" "docker-archive:$work/layer-bare.tar" "$to") ;;
  esac
}

# layer_size WAY: what the layer has become, in bytes.
layer_size() {
  case $1 in
    push) "${in_net[@]}" curl -s -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' \
      "http://$registry/v2/bench/layer/manifests/1" | jq '[.layers[].size] | add' ;;
    export) stat -c %s "$work/layer.tar" ;;
  esac
}

run_layers() {
  local round form way tool context
  local -a command options in_net=()
  # dockerd is in the tree's network, and with it all that takes part.
  [ -n "$tree_holder" ] && in_net=(nsenter --target "$(children_of "$tree_holder")" --net --)
  say "A layer of 1.17 GB"
  layer_tree "$work/layer-tree"
  layer_files=$(find "$work/layer-tree" -type f | wc -l)
  layer_peers=(buildah)
  [ -n "$tree_holder" ] && layer_peers+=(buildah-sid)
  if [ -n "$docker_entry" ]; then
    # Only with containerd's store can BuildKit push and export zstd.
    stop_docker
    if start_docker docker-layer --feature containerd-snapshotter=true; then layer_peers+=(buildkit); else
      notes+=("BuildKit was not measured with the layer: dockerd did not start: $(tail -n 1 "$work/dockerd.log" | cut -c 1-200)"); fi
  fi
  layer_peers+=(skopeo)
  [ -n "$tree_holder" ] && layer_peers+=(skopeo-sid)
  for round in $(seq "$runs"); do
    for form in gzip zstd; do
      for way in push export; do
        load; say "a layer of 1.17 GB, $form, $way, round $round of $runs"
        context=$work/layer-context-$form-$way-$round
        layer_context "$context" "$form $way $round"
        for tool in strata "${layer_peers[@]}"; do
          rm -f "$work/layer.tar"; forget_blobs
          open_registry distribution || return
          layer_way "$tool" "$form" "$way" "$context"
          if measure "layer-$form-$way" "$tool" "${command[@]}"; then
            layer_size "$way" > "$results/layer-$form-$way/$tool.size"
            [ "$tool" = strata ] && "${in_net[@]}" "$strata" save -q --compression none -o "$work/layer-bare.tar" "$registry/bench/layer:1" >> "$log" 2>&1
          fi
          close_registry
        done
        rm -f "$work/layer.tar" "$work/layer-bare.tar"
        mv "$context/tree" "$work/layer-tree"
        rm -rf "$context" "$work"/layer-{strata,buildah,buildah-sid}
        [ -n "$docker_entry" ] && "${in_tree[@]}" docker system prune -af > "$log" 2>&1
      done
    done
  done
}

layer_rows() {
  local form way
  for form in gzip zstd; do
    for way in push export; do
      table_rows "layer-$form-$way" "1.17 GB layer, build and $way, $form" strata "${layer_peers[@]}"
    done
  done
}

# Under the table: what each made of it, in the last round.
layer_sizes() {
  local form tool line
  echo
  echo "The layer has $layer_files files; compressed, in MB:"
  for form in gzip zstd; do
    line=""
    for tool in strata "${layer_peers[@]}"; do
      [ -e "$results/layer-$form-push/$tool.size" ] && line+="; ${names[$tool]}: $(awk '{ printf "%.1f", $1 / 1e6 }' "$results/layer-$form-push/$tool.size")"
    done
    echo "- $form: ${line#; }"
  done
}
