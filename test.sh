#!/usr/bin/env bash
# Installs what the tests need, builds everything, runs every test assembly one after the other, and ends with one line:
#   N passed, N failed[, N skipped]
# A test project without a result file, a crash, a hang and an assembly that ran no test each count as failed.
#   ./test.sh [--yes] [--only NAME] [--long [--fuzz MINUTES]]
# --long takes an hour or more: 500 kills, faults at every call, ten minutes of fuzzing a target (--fuzz: so many, or none); its summary is artifacts/verification.md.
set -uo pipefail
cd "$(dirname "$0")"
root=$PWD
yes=0 only="" long=0 fuzz=10
while [ $# -gt 0 ]; do
  case $1 in
    --yes) yes=1 ;;
    --only) only=$2; shift ;;
    --long) long=1 ;;
    --fuzz) fuzz=$2; shift ;;
    -h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

say() { printf '\n== %s\n' "$*"; }

# --- what is needed -----------------------------------------------------------------------------------------------
. scripts/machine.sh
need_dotnet "$yes" || { echo "0 passed, 1 failed"; exit 1; }
# clang … libssl-dev link the executable; the rest are runtimes and the foreign clients and servers the tests drive.
need_packages "$yes" \
  clang lld cmake libssl-dev \
  runc crun busybox-static mmdebstrap uidmap iproute2 attr strace jq curl apache2-utils zsh fish \
  skopeo umoci buildah podman docker-registry $([ "$long" = 1 ] && echo afl++) || { echo "0 passed, 1 failed"; exit 1; }

# crane and oras Debian 12 does not have, and dockerd would start when it is installed. Without them their tests are skipped.
if [ -z "$only" ] || [ "$only" = Strata.EndToEnd ]; then
  scripts/foreign-clients.sh artifacts/clients && export STRATA_CLIENTS=$root/artifacts/clients/bin
fi

# --- build ----------------------------------------------------------------------------------------------------------
results=$(mktemp -d "${TMPDIR:-/tmp}/strata-tests.XXXXXX")
chmod 755 "$results"
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0 begun=$SECONDS
summary=$root/artifacts/verification.md
say "Building"
if ! dotnet build Strata.slnx -v quiet -nologo; then
  echo; echo "The build failed."; echo "0 passed, 1 failed"; exit 1
fi
say "Publishing the executable"
if ! scripts/publish.sh "$root/artifacts/strata"; then
  echo; echo "Publishing failed."; echo "0 passed, 1 failed"; exit 1
fi

# --- upstream tables ------------------------------------------------------------------------------------------------
if [ -z "${STRATA_TEST_DATA:-}" ] && [ -d ../shared/data ]; then
  STRATA_TEST_DATA=$(cd ../shared/data && pwd)
fi
# An ordinary user must be able to read what the unit tests read, wherever this clone lies.
if [ -n "${STRATA_TEST_DATA:-}" ]; then
  cp -r "$STRATA_TEST_DATA" "$results/data" && chmod -R a+rX,u+w "$results/data"
  export STRATA_TEST_DATA=$results/data
else
  echo "STRATA_TEST_DATA is not set: tests over upstream tables are skipped."
fi
export STRATA_EXE=$root/artifacts/strata STRATA_SOURCES=$root STRATA_E2E=1
[ "$long" = 1 ] && export STRATA_LONG=1 STRATA_SUMMARY=$results/summary
export DOTNET_CLI_TELEMETRY_OPTOUT=1

# --- summary of a long run ------------------------------------------------------------------------------------------
# part NAME: what was written to STRATA_SUMMARY since the last part.
part() {
  { echo; echo "## $1"; echo; cat "$results/summary" 2>/dev/null; } >> "$summary"
  : > "$results/summary"
}

begin_summary() {
  local version
  {
    echo "# Verification"
    echo
    echo "What \`./test.sh --long\` found${only:+ (only $only)}."
    echo
    echo "- commit $(git rev-parse HEAD 2>/dev/null || echo unknown)$([ -z "$(git status --porcelain 2>/dev/null)" ] || echo ", with changes"), $(date -u '+%Y-%m-%d %H:%M UTC')"
    echo "- $(. /etc/os-release; echo "$PRETTY_NAME"), Linux $(uname -r), $(uname -m), $(nproc) cores, $(($(sed -nE 's/^MemTotal: *([0-9]+) kB/\1/p' /proc/meminfo) / 1048576)) GB of memory, tests on $(stat -f -c %T /tmp)"
    printf -- '- .NET SDK %s' "$(dotnet --version)"
    for version in runc crun podman buildah skopeo umoci docker-registry strace afl++; do
      printf ', %s %s' "$version" "$(dpkg-query -W -f '${Version}' "$version" 2>/dev/null || echo missing)"
    done
    echo
    echo "- the executable: $(stat -c %s "$STRATA_EXE") bytes, sha256 $(sha256sum "$STRATA_EXE" | cut -d' ' -f1)"
  } > "$summary"
}

# --- run ------------------------------------------------------------------------------------------------------------
# needing_root TRX: the tests that were skipped because they need root, one a line.
needing_root() {
  awk 'BEGIN { RS = "</UnitTestResult>" }
    /outcome="NotExecuted"/ && /needs root/ && match($0, /testName="[^"(]*/) { print substr($0, RSTART + 10, RLENGTH - 10) }' "$1" 2>/dev/null | sort -u
}

# take NAME TRX [LATER]: adds one assembly's counts; LATER of its skipped tests run once more as root.
take() {
  local name=$1 trx=$2 later=${3:-0} counters p f s
  counters=$(grep -o '<Counters [^>]*>' "$trx" 2>/dev/null | head -n 1)
  if [ -z "$counters" ]; then
    echo "FAILED  $name: no result file (a crash, a hang, or it could not start)"; failed=$((failed + 1)); return
  fi
  number() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }
  p=$(number passed) f=$(number failed) s=$(($(number notExecuted) - later))
  if [ $((p + f + s + later)) = 0 ]; then
    echo "FAILED  $name: it ran no test"; failed=$((failed + 1)); return
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  printf '%-34s %5d passed %4d failed %4d skipped\n' "$name" "$p" "$f" "$s"
  printf '| %s | %d | %d | %d |\n' "$name" "$p" "$f" "$s" >> "$results/counts"
}

# run_assembly NAME WHO MINUTES [ARGS…]
run_assembly() {
  local name=$1 who=$2 minutes=$3; shift 3
  local bin=$root/artifacts/bin/$name/debug out=$results/$name.$who
  mkdir -p "$out/home" "$out/bin"
  local -a as=()
  if [ "$who" = user ] && [ "$(id -u)" = 0 ]; then
    cp -r "$bin/." "$out/bin/"; chmod -R a+rX "$out"
    chown -R 65534:65534 "$out"; bin=$out/bin
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs)
  fi
  (cd "$out" && timeout -k 20 "${minutes}m" env HOME="$out/home" TMPDIR=/tmp DOTNET_BUNDLE_EXTRACT_BASE_DIR="$out/home" \
    ${as[@]+"${as[@]}"} dotnet "$bin/$name.dll" --results-directory "$out" --report-trx --report-trx-filename result.trx "$@") > "$out/log" 2>&1
  local code=$?
  if [ $code -ne 0 ]; then
    [ $code -ge 124 ] && rm -f "$out/result.trx"
    grep -vE '^\s*$' "$out/log" | tail -n 80
  fi
  # An assembly that leaves with an error though its results say otherwise has crashed after its last test.
  if [ $code -ne 0 ] && [ $code -ne 2 ] && [ -f "$out/result.trx" ]; then
    echo "FAILED  $name left with exit code $code"; failed=$((failed + 1))
  fi
  local -a later=()
  local results_later=0
  if [ "$who" = user ] && [ "$(id -u)" = 0 ] && [ -f "$out/result.trx" ]; then
    mapfile -t later < <(needing_root "$out/result.trx")
    results_later=$(grep -c 'needs root' "$out/result.trx")
  fi
  take "$name ($who)" "$out/result.trx" "$results_later"
  if [ ${#later[@]} -gt 0 ]; then
    # Mounts, owners, devices, containers: only what was left over.
    local -a filters=()
    local test
    for test in "${later[@]}"; do filters+=(--filter-method "$test"); done
    run_assembly "$name" root "$minutes" "${filters[@]}"
  fi
}

say "Testing"
[ "$long" = 1 ] && begin_summary
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  [ "$name" = Strata.Testing ] && continue
  [ -n "$only" ] && [ "$only" != "$name" ] && continue
  case $name in
    Strata.EndToEnd) run_assembly "$name" root $([ "$long" = 1 ] && echo 60 || echo 25) ;;
    *)
      # As an ordinary user, since root hides permission errors.
      run_assembly "$name" user 8 ;;
  esac
done

if [ "$long" = 1 ]; then
  part "Kills, faults and crowds"
  if [ -z "$only" ] && [ "$fuzz" != 0 ]; then
    say "Fuzzing, $fuzz minutes a target"
    if tests/Strata.Fuzz/afl.sh "$fuzz"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    part "Fuzzing"
  fi
  { echo "| assembly | passed | failed | skipped |"; echo "| --- | ---: | ---: | ---: |"; cat "$results/counts"; echo
    echo "$passed passed, $failed failed, $skipped skipped, $(((SECONDS - begun) / 60)) minutes in all."; } > "$results/summary"
  part "Tests"
  echo; echo "The summary is $summary."
fi

echo
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
