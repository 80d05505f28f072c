# Shared by the scripts of this folder: the checkout's root, the SDK check, and a build whose output goes to standard error.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=${CONFIGURATION:-Release}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null 2>&1; then
  version=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' "$root/global.json")
  echo "The .NET SDK is missing. Install .NET SDK $version or a later 10.0 SDK (package dotnet-sdk-10.0 of your distribution, or from Microsoft's .NET download page), then run this again." >&2
  exit 127
fi

# build PROJECT: builds what is missing or stale.
build() {
  local log status
  log=$(mktemp)
  dotnet build "$root/$1" -c "$configuration" --tl:off -v quiet -nologo >"$log" 2>&1
  status=$?
  if [ $status -ne 0 ]; then cat "$log" >&2; fi
  rm -f "$log"
  return $status
}
