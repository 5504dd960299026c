# Sourced by run.sh: an image of 1.17 GB in four layers, pulled and run for the first time. podman unpacks when it pulls, strata when
# a container needs the files: both steps are measured, and their sum.

first_run_image() {
  local place=$work/first-run
  mkdir -p "$place"
  if [ -d "$work/layer-tree" ]; then mv "$work/layer-tree" "$place/tree"; else layer_tree "$place/tree"; fi
  printf '%s\n' "FROM $base" 'COPY tree/usr/lib /data/lib' 'COPY tree/usr/bin /data/bin' 'COPY tree/usr/share /data/share' \
    'COPY tree/more /data/more' > "$place/Dockerfile"
  use_strata first-run-store
  "$strata" import "$work/base.tar" "$base" && "$strata" build -q -t bench/first:1 "$place" && rm -rf "$place"
}

# first_run TOOL WAY: sets command. WAY is pull or run.
first_run() {
  local name=$registry/bench/first:1
  case $1-$2 in
    strata-pull) use_strata first-run-strata; command=("${in_net[@]}" "$strata" pull -q "$name") ;;
    strata-run) use_strata first-run-strata; command=("${in_net[@]}" "$strata" run --rm "$name" true) ;;
    podman-pull) buildah_options first-run-podman; command=("${in_tree[@]}" "${podman[@]}" "${options[@]}" pull -q --tls-verify=false "$name") ;;
    podman-run) buildah_options first-run-podman
      command=("${in_tree[@]}" "${podman[@]}" "${options[@]}" --runtime /usr/sbin/runc --cgroup-manager cgroupfs run --rm --network host "$name" true) ;;
  esac
}

run_first_runs() {
  local round tool way
  local -a command options in_net=()
  first_run_peers=()
  if [ -n "$tree_holder" ]; then
    in_net=(nsenter --target "$(children_of "$tree_holder")" --net --)
    first_run_peers=(podman)
  else
    notes+=("podman was not measured: there is no tree of Debian sid")
  fi
  say "An image of 1.17 GB in four layers"
  first_run_image > "$log" 2>&1 && open_registry distribution &&
    "$strata" tag bench/first:1 "$registry/bench/first:1" >> "$log" 2>&1 && "${in_net[@]}" "$strata" push -q "$registry/bench/first:1" >> "$log" 2>&1 || {
      notes+=("First runs were not measured: $(tail -n 1 "$log" | cut -c 1-200)"); close_registry; return; }
  for round in $(seq "$runs"); do
    load; say "pulled and run for the first time, round $round of $runs"
    for tool in strata "${first_run_peers[@]}"; do
      for way in pull run; do
        first_run "$tool" "$way"
        measure "first-$way" "$tool" "${command[@]}"
      done
    done
    rm -rf "$work"/first-run-{strata,podman}
  done
  close_registry
  for tool in strata "${first_run_peers[@]}"; do
    [ -e "$results/first-pull/$tool" ] && [ -e "$results/first-run/$tool" ] || continue
    mkdir -p "$results/first-both"
    paste -d ' ' "$results"/first-{pull,run}/"$tool" |
      awk '{ print $1 + $4, ($2 > $5 ? $2 : $5), 0 }' > "$results/first-both/$tool"
  done
}

first_run_rows() {
  table_rows first-pull "pull of 1.17 GB, 4 layers" strata "${first_run_peers[@]}"
  table_rows first-run "first run after it" strata "${first_run_peers[@]}"
  table_rows first-both "pull and first run" strata "${first_run_peers[@]}"
}
