#!/usr/bin/env bash
# Fuzzes with AFL, guided by coverage: every target in turn, or those named.
#   tests/Strata.Fuzz/afl.sh MINUTES [TARGET…]
# Needs afl++ and the built test project. Ends with one line a target; a crash or a hang makes the exit code 1 and its input is kept in
# artifacts/fuzz/TARGET. To make a finding a test: add the file to tests/Strata.Fuzz/corpus/TARGET.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=$1; shift
built=artifacts/bin/Strata.Fuzz/debug work=artifacts/fuzz
rm -rf "$work"; mkdir -p "$work"
cp -r "$built" "$work/program"
dotnet tool restore > /dev/null
for library in Oci Content Remote Dockerfile; do
  DOTNET_ROLL_FORWARD=Major dotnet tool run sharpfuzz "$work/program/Strata.$library.dll"
done
program=$PWD/$work/program/Strata.Fuzz.dll failed=0
[ $# -gt 0 ] || mapfile -t targets < <(dotnet "$built/Strata.Fuzz.dll" --targets)
for target in "${@:-${targets[@]}}"; do
  dotnet "$built/Strata.Fuzz.dll" --seeds "$target" "$work/$target/seeds"
  AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 \
    afl-fuzz -m none -t 5000 -V $((minutes * 60)) -i "$work/$target/seeds" -o "$work/$target/found" -- dotnet "$program" --target "$target" \
    > "$work/$target/log" 2>&1 || { tail -n 20 "$work/$target/log"; failed=1; continue; }
  of() { sed -nE "s/^$1 *: *//p" "$work/$target/found/default/fuzzer_stats"; }
  printf '%-12s %10s inputs %8s/s %6s paths %4s crashes %4s hangs\n' "$target" \
    "$(of execs_done)" "$(of execs_per_sec)" "$(of corpus_count)" "$(of saved_crashes)" "$(of saved_hangs)"
  [ "$(of saved_crashes)" = 0 ] && [ "$(of saved_hangs)" = 0 ] || failed=1
done
exit $failed
