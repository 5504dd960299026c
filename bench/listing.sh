# Sourced by run.sh: a store of a thousand images, asked what it holds. All tools have the same images, by load of one archive.

# many_images FILE: an archive (docker's) of $images images that differ in a label and share one layer.
many_images() {
  local place=$work/many i digest
  mkdir -p "$place"
  cp "$work/base.tar" "$place/layer.tar"
  digest=$(sha256sum < "$place/layer.tar" | cut -d ' ' -f 1)
  for i in $(seq "$images"); do
    printf '{"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z","config":{"Cmd":["sh"],"Labels":{"number":"%s"}},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"2026-01-01T00:00:00Z","created_by":"import"}]}' \
      "$(dpkg --print-architecture)" "$i" "$digest" > "$place/$i.json"
  done
  (
    cd "$place" || exit 1
    for i in $(seq "$images"); do
      config=$(sha256sum < "$i.json" | cut -d ' ' -f 1).json
      mv "$i.json" "$config"
      printf '%s{"Config":"%s","RepoTags":["localhost/many:%s"],"Layers":["layer.tar"]}' "$([ "$i" = 1 ] && echo '[' || echo ,)" "$config" "$i"
    done > manifest.json
    echo ']' >> manifest.json
    tar --sort=name -cf "$1" ./*
  )
  rm -rf "$place"
}

run_listings() {
  local round kind
  local -a options
  say "$images images in the stores of all"
  many_images "$work/many.tar"
  use_strata images
  "$strata" load -q -i "$work/many.tar" > "$log" 2>&1 || { notes+=("Listings were not measured: $(tail -n 1 "$log" | cut -c 1-200)"); return; }
  listing_peers=()
  buildah_options images-peers
  if [ -n "$tree_holder" ]; then
    # buildah's store is podman's.
    "${in_tree[@]}" "${podman[@]}" "${options[@]}" load -q -i "$work/many.tar" > "$log" 2>&1 && listing_peers+=(podman buildah-sid) ||
      notes+=("podman's and buildah's listings were not measured: $(tail -n 1 "$log" | cut -c 1-200)")
  fi
  if [ -n "$docker_entry" ]; then
    "${in_tree[@]}" docker load -q -i "$work/many.tar" > "$log" 2>&1 && listing_peers+=(docker) ||
      notes+=("docker's listings were not measured: $(tail -n 1 "$log" | cut -c 1-200)")
  fi
  for round in $(seq "$runs"); do
    load; say "listings, round $round of $runs"
    for kind in images images-q; do
      for tool in strata "${listing_peers[@]}"; do
        case $tool in
          strata) set -- "$strata" ;;
          podman) set -- "${in_tree[@]}" "${podman[@]}" "${options[@]}" ;;
          buildah-sid) set -- "${in_tree[@]}" "${buildah_sid[@]}" "${options[@]}" ;;
          docker) set -- "${in_tree[@]}" docker ;;
        esac
        start "$kind" "$tool" "$@" images $([ "$kind" = images-q ] && echo -q)
      done
    done
  done
}

listing_rows() {
  table_rows images "images, $images images" strata "${listing_peers[@]}"
  table_rows images-q "images -q, $images images" strata "${listing_peers[@]}"
}
