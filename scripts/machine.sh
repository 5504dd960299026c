# Sourced by quickstart.sh and test.sh: what the machine must have, and how it gets it. Debian and its descendants.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# ask YES QUESTION: true when the answer is yes; yes without a terminal.
ask() {
  [ "$1" = 1 ] && return 0
  [ -t 0 ] || return 0
  local answer
  read -r -p "$2 [Y/n] " answer
  case $answer in [nN]*) return 1 ;; *) return 0 ;; esac
}

# need_packages YES PACKAGE…: installs what is missing, after showing the list once.
need_packages() {
  local yes=$1 missing=() package; shift
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null || {
    echo "This machine has no apt-get. Install these by hand, then run this again: ${missing[*]}" >&2; return 1; }
  echo "These Debian packages will be installed: ${missing[*]}"
  ask "$yes" "Install them?" || { echo "Nothing was installed." >&2; return 1; }
  as_root apt-get -q update >/dev/null || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}" >/dev/null || {
    echo "apt-get could not install them; its own words are above." >&2; return 1; }
}

# need_dotnet YES: the .NET 10 SDK, from the machine, from apt where apt has it, or from the vendor's installer into ./.dotnet.
need_dotnet() {
  local yes=$1
  [ -x .dotnet/dotnet ] && export PATH=$PWD/.dotnet:$PATH DOTNET_ROOT=$PWD/.dotnet
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
  # The SDK wants ICU for cultures; nothing here needs one.
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  if command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then return 0; fi
  if apt-cache policy dotnet-sdk-10.0 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    need_packages "$yes" dotnet-sdk-10.0
    return
  fi
  echo "The .NET 10 SDK is not on this machine, and apt does not have it."
  ask "$yes" "Download it with the vendor's installer (https://dot.net/v1/dotnet-install.sh) into ./.dotnet?" || {
    echo "Install the .NET 10 SDK, then run this again." >&2; return 1; }
  need_packages "$yes" curl ca-certificates libstdc++6 || return 1
  curl -fsSL https://dot.net/v1/dotnet-install.sh -o dotnet-install.sh && bash dotnet-install.sh --channel 10.0 --install-dir .dotnet
  local code=$?
  rm -f dotnet-install.sh
  [ $code = 0 ] || { echo "The installer failed. Install the .NET 10 SDK by hand, then run this again." >&2; return 1; }
  export PATH=$PWD/.dotnet:$PATH DOTNET_ROOT=$PWD/.dotnet
}
