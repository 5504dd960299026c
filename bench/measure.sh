# Sourced by run.sh: one run of one tool, and what many runs come to.
# Results lie in $results/CASE/TOOL, one line a run: MICROSECONDS CLIENT_KB DAEMON_KB.

now() { echo "${EPOCHREALTIME/./}"; }

# peak_of PID…: the highest resident memory of these processes together, in kB.
peak_of() {
  local pid sum=0 kb
  for pid in "$@"; do
    kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
    sum=$((sum + ${kb:-0}))
  done
  echo "$sum"
}

# measure CASE TOOL COMMAND…: runs it once. Dirty pages are written first, so that nobody pays for the tool before.
# Output goes to $log. A failure is kept as the tool's only result, with the last thing it said.
measure() {
  local case=$1 tool=$2 begin end code pid; shift 2
  local -a daemons=()
  [ "$tool" = buildkit ] && read -r -a daemons <<<"$(docker_processes)"
  mkdir -p "$results/$case"
  [ -e "$results/$case/$tool.failed" ] && return 1
  sync -f "$work"
  for pid in ${daemons[@]+"${daemons[@]}"}; do echo 5 > "/proc/$pid/clear_refs"; done
  begin=$(now)
  /usr/bin/time -q -o "$work/peak" -f %M "$@" > "$log" 2>&1 < /dev/null
  code=$?
  end=$(now)
  if [ $code != 0 ]; then
    grep -v '^$' "$log" | tail -n 1 | cut -c 1-160 > "$results/$case/$tool.failed"
    cp "$log" "$results/$case/$tool.log"
    return 1
  fi
  echo "$((end - begin)) $(tail -n 1 "$work/peak") $(peak_of ${daemons[@]+"${daemons[@]}"})" >> "$results/$case/$tool"
}

# cached AT_LEAST AT_MOST WHAT: looks into the last build's log whether it was the kind of build it was meant to be.
cached() {
  local steps
  steps=$(grep -cE '^#[0-9]+ CACHED|Using cache' "$log")
  [ "$steps" -ge "$1" ] && [ "$steps" -le "$2" ] || echo "warning: $3: $steps steps came from the cache" >&2
}

# summary CASE TOOL: MEDIAN MIN MAX CLIENT_KB DAEMON_KB RUNS, times in microseconds.
summary() {
  sort -n "$results/$1/$2" | awk '
    { t[NR] = $1; if ($2 > c) c = $2; if ($3 > d) d = $3 }
    END { m = NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2; print m, t[1], t[NR], c + 0, d + 0, NR }'
}

row() { printf '| %-36s | %-26s | %8s | %-13s | %11s | %-9s |\n' "$@"; }

table_head() {
  row case tool 'median s' 'min-max s' 'strata/peer' 'peak MB'
  row --- --- --: --- --: ---
}

# table_rows CASE TITLE TOOL…: the first tool is strata; its median is divided by each peer's.
table_rows() {
  local case=$1 title=$2 own="" tool median least most client daemon runs ratio what=$2; shift 2
  for tool in "$@"; do
    if [ -e "$results/$case/$tool.failed" ]; then
      row "$what" "${names[$tool]}" failed - - -
      notes+=("$title, ${names[$tool]}: $(cat "$results/$case/$tool.failed")")
    elif [ -e "$results/$case/$tool" ]; then
      read -r median least most client daemon runs <<<"$(summary "$case" "$tool")"
      ratio=-
      if [ -z "$own" ]; then own=$median; fi
      [[ $tool = strata* ]] || ratio=$(awk -v a="$own" -v b="$median" 'BEGIN { r = a / b; printf r < 0.1 ? "%.3f" : "%.2f", r }')
      row "$what" "${names[$tool]}" "$(seconds "$median")" "$(seconds "$least")-$(seconds "$most")" "$ratio" "$(megabytes "$client" "$daemon")"
    fi
    what=""
  done
}

seconds() { awk -v us="$1" 'BEGIN { s = us / 1e6; printf s < 0.1 ? "%.4f" : s < 10 ? "%.2f" : "%.1f", s }'; }

megabytes() {
  if [ "$1" = 0 ]; then echo -; elif [ "$2" = 0 ]; then echo $((($1 + 512) / 1024)); else echo "$((($1 + 512) / 1024)) + $((($2 + 512) / 1024))"; fi
}
