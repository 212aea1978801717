#!/usr/bin/env bash
# Prints the path of a command line that can run the provider: the terraform on the PATH when it is recent enough, else
# a pinned one, built once from its source with nothing but Go and kept in .cache/.
#
#   tools/terraform.sh                      terraform, whichever is at hand
#   tools/terraform.sh terraform 1.16.0     exactly this version of Terraform
#   tools/terraform.sh tofu [1.12.6]        exactly this version of OpenTofu
set -euo pipefail

terraform_pin=1.16.0
tofu_pin=1.12.6
least=1.8.0 # the first Terraform that knows provider functions

say() { echo "tools/terraform.sh: $*" >&2; }

# version_of PROGRAM: what it says its version is, or nothing.
version_of() {
  CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null "$1" version 2>/dev/null |
    sed -nE '1s/^(Terraform|OpenTofu) v([0-9][^ ]*)$/\2/p' || true
}

# at_least A B: whether version A is B or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

kind=${1:-terraform}
case $kind in
  terraform) version=${2:-$terraform_pin} module=github.com/hashicorp/terraform package=. ;;
  tofu) version=${2:-$tofu_pin} module=github.com/opentofu/opentofu package=./cmd/tofu ;;
  *) say "$kind is neither terraform nor tofu" && exit 2 ;;
esac

if [ $# -eq 0 ] && found=$(command -v terraform); then
  have=$(version_of "$found")
  if [ -n "$have" ] && at_least "$have" "$least"; then
    echo "$found"
    exit 0
  fi
  say "the terraform on the PATH is ${have:-of no version it can tell}, and $least or newer is needed"
fi

root=$(cd "$(dirname "$0")/.." && pwd)
program=$root/.cache/$kind/$version/$kind
if [ "$(version_of "$program")" = "$version" ]; then
  echo "$program"
  exit 0
fi

if ! command -v go >/dev/null; then
  say "there is no terraform on the PATH, and no Go to build one: install Terraform (https://developer.hashicorp.com/terraform/install) or Go (https://go.dev/dl)"
  exit 1
fi
if [ $# -eq 0 ]; then
  say "no terraform that fits is on the PATH; install it from https://developer.hashicorp.com/terraform/install, or wait:"
fi
say "building $kind $version into .cache/, which takes some minutes, once"

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
# Nothing of this repository's go.mod, nor of a workspace around it, may reach the build.
export GOWORK=off GOFLAGS=-buildvcs=false
cd "$work"
if ! fetched=$(go mod download -json "$module@v$version"); then
  say "$module has no version v$version that Go could fetch: $fetched"
  exit 1
fi
cp -R "$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p' <<<"$fetched")" source
chmod -R u+w source
cd source

# Parts of Terraform are modules of their own inside its repository, and so are missing from what Go fetches. They hold
# the backends that keep state in a cloud, which no test needs: take them out of the list of backends and of go.mod.
list=internal/backend/init/init.go
while read -r path folder; do
  [ -e "$folder" ] && continue
  alias=$(sed -nE "s|^[[:space:]]*([A-Za-z0-9_]+) \"$path\"\$|\1|p" "$list")
  sed -i.orig -e "\\|\"$path\"|d" "$list"
  [ -z "$alias" ] || sed -i.orig -e "/[^A-Za-z0-9_]$alias\\./d" "$list"
  go mod edit -droprequire="$path" -dropreplace="$path"
done < <(sed -nE 's/^(replace)?[[:space:]]*([^ ]+) => (\.[^ ]*)$/\2 \3/p' go.mod)

mkdir -p "$(dirname "$program")"
go build -mod=mod -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$program.new" "$package" >&2
mv "$program.new" "$program"
have=$(version_of "$program")
if [ "$have" != "$version" ]; then
  say "built $program, but it says its version is '$have'"
  exit 1
fi
say "built $program"
echo "$program"
