#!/usr/bin/env bash
# Fuzzes with AFL, guided by coverage: every target, or those named, several at once.
#   tests/Strata.Fuzz/afl.sh [--jobs N] MINUTES [TARGET…]
# Needs afl++ and the built test project. Tells of each target when it ends. A crash, a hang, and a program whose memory grew by more than
# 128 MB since its first minute make the exit code 1; inputs that crash or hang are kept in artifacts/fuzz/TARGET. To make a finding a
# test: add the file to tests/Strata.Fuzz/corpus/TARGET. STRATA_SUMMARY names a file that gets the same as rows of a table.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Several a core: the minutes are of the clock, and whoever wants more inputs gives more of them.
jobs=$(($(nproc) * 3 + 1))
if [ "${1:-}" = --jobs ]; then jobs=$2; shift 2; fi
[ $# -gt 0 ] || { sed -n '3s/^# *//p' "$0" >&2; exit 2; }
minutes=$1; shift
growth=$((128 * 1024))
built=artifacts/bin/Strata.Fuzz/debug work=artifacts/fuzz
rm -rf "$work"; mkdir -p "$work"
cp -r "$built" "$work/program"
dotnet tool restore > /dev/null
# The parsers' own libraries; templates are the program's.
for library in Strata.Oci Strata.Content Strata.Remote Strata.Dockerfile Strata.Registry strata; do
  DOTNET_ROLL_FORWARD=Major dotnet tool run sharpfuzz "$work/program/$library.dll"
done
program=$PWD/$work/program/Strata.Fuzz.dll
[ $# -gt 0 ] && targets=("$@") || mapfile -t targets < <(dotnet "$built/Strata.Fuzz.dll" --targets)

# memory_of AFL: what the program it drives takes, in kB.
memory_of() {
  local child
  child=$(pgrep -o -P "$1" 2>/dev/null) || return 0
  sed -nE 's/^VmRSS:\s*([0-9]+) kB/\1/p' "/proc/$child/status" 2>/dev/null || true
}

# fuzz TARGET: leaves the line to print in TARGET/line, the row of the table in TARGET/row, and TARGET/failed when there is something wrong.
fuzz() {
  local target=$1 folder=$work/$1 seconds=$((minutes * 60)) first=0 last=0 most=0 now afl begun=$SECONDS code=0
  local settled=$((seconds / 2 < 60 ? seconds / 2 : 60))
  dotnet "$built/Strata.Fuzz.dll" --seeds "$target" "$folder/seeds"
  AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
    afl-fuzz -m none -t 5000 -V "$seconds" -i "$folder/seeds" -o "$folder/found" -- dotnet "$program" --target "$target" > "$folder/log" 2>&1 &
  afl=$!
  trap 'kill "$afl" 2>/dev/null' EXIT
  while kill -0 "$afl" 2>/dev/null; do
    sleep 2
    now=$(memory_of "$afl")
    [ -n "$now" ] || continue
    last=$now
    [ "$now" -gt "$most" ] && most=$now
    [ "$first" = 0 ] && [ $((SECONDS - begun)) -ge "$settled" ] && first=$now
  done
  wait "$afl" || code=$?
  trap - EXIT
  if [ "$code" != 0 ] || [ ! -f "$folder/found/default/fuzzer_stats" ]; then
    { echo "$target: afl-fuzz left with $code"; tail -n 20 "$folder/log"; } > "$folder/line"
    echo "| $target | afl-fuzz left with $code | | | | | | | |" > "$folder/row"
    touch "$folder/failed"
    return
  fi
  of() { sed -nE "s/^$1 *: *//p" "$folder/found/default/fuzzer_stats"; }
  printf '%-14s %10s inputs %8s/s %6s paths %4s crashes %4s hangs   memory %4d MB after a minute, %4d at the end, %4d at most\n' "$target" \
    "$(of execs_done)" "$(of execs_per_sec)" "$(of corpus_count)" "$(of saved_crashes)" "$(of saved_hangs)" \
    $((first / 1024)) $((last / 1024)) $((most / 1024)) > "$folder/line"
  printf '| %s | %s | %s | %s | %s | %s | %d MB | %d MB | %d MB |\n' "$target" \
    "$(of execs_done)" "$(of execs_per_sec)" "$(of corpus_count)" "$(of saved_crashes)" "$(of saved_hangs)" \
    $((first / 1024)) $((last / 1024)) $((most / 1024)) > "$folder/row"
  [ "$(of saved_crashes)" = 0 ] && [ "$(of saved_hangs)" = 0 ] || touch "$folder/failed"
  if [ $((last - first)) -gt $growth ]; then
    echo "$target: its memory grew" >> "$folder/line"
    touch "$folder/failed"
  fi
}

trap 'kill $(jobs -p) 2>/dev/null || true' INT TERM
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  mkdir -p "$work/$target"
  (fuzz "$target"; cat "$work/$target/line") &
done
wait
failed=0
for target in "${targets[@]}"; do
  [ ! -e "$work/$target/failed" ] && [ -f "$work/$target/line" ] || failed=1
done
if [ -n "${STRATA_SUMMARY:-}" ]; then
  {
    echo "$minutes minutes a target, $jobs at once."
    echo
    echo "| target | inputs | inputs/s | paths | crashes | hangs | memory after a minute | at the end | at most |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for target in "${targets[@]}"; do cat "$work/$target/row" 2>/dev/null || echo "| $target | did not run | | | | | | | |"; done
  } >> "$STRATA_SUMMARY"
fi
exit $failed
