# Shared by the scripts of this folder: the checkout's root, the SDK check, and building what is missing or stale.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=${CONFIGURATION:-Release}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null 2>&1; then
  version=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' "$root/global.json")
  echo "The .NET SDK is missing: install .NET SDK $version or a later 10.0 one (package dotnet-sdk-10.0 of your distribution, or Microsoft's .NET download page), then run this again." >&2
  exit 127
fi

# build PROJECT: builds it when a source file is newer than its last build. Build output goes to standard error; two scripts at once wait for each other.
build() {
  local stamp="$root/artifacts/built/$(basename "$1")-$configuration"
  mkdir -p "$root/artifacts/built"
  (
    flock 9
    if [ -e "$stamp" ] && [ -z "$(find "$root/src" "$root/tests" "$root/bench" "$root/tools" "$root"/*.props "$root/global.json" "$root/.editorconfig" -newer "$stamp" -print -quit 2>/dev/null)" ]; then exit 0; fi
    began=$(mktemp)
    dotnet build "$root/$1" -c "$configuration" --tl:off -v quiet -nologo 1>&2 || { rm -f "$began"; exit 1; }
    mv "$began" "$stamp"
  ) 9>"$root/artifacts/built/lock"
}

# program PROJECT: where a project's program lies once it is built.
program() {
  echo "$root/artifacts/bin/$1/$(tr '[:upper:]' '[:lower:]' <<<"$configuration")/$1.dll"
}
