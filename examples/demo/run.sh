#!/usr/bin/env bash
# The demo: a good version rolls out, a bad one is caught and rolled back. `make demo` builds the provider and runs this.
# Everything it writes lies in a folder of its own under .cache/, and is gone when it ends.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
provider=$root/bin/terraform-provider-hotswap
[ -x "$provider" ] || { echo "There is no $provider: run make build first." >&2; exit 1; }
terraform=$("$root/tools/terraform.sh")

mkdir -p "$root/.cache"
work=$(mktemp -d "$root/.cache/demo.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m' color=()
else
  bold='' dim='' green='' red='' plain='' color=(-no-color)
fi

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s\n' "$*"; }
command_line() { printf '\n%s$ terraform %s%s\n\n' "$dim" "$*" "$plain"; }
good() { printf '%s✓ %s%s\n' "$green" "$*" "$plain"; }
fail() { printf '%s✗ %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }
indent() { sed -e 's/^/    /' -e "s/^.*says fail.*$/$red&$plain/"; }

# quietly COMMAND...: prints what it said only when it fails.
quietly() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }; }

# From here on, terraform knows one provider, the one just built, and nothing of the user's settings.
mirror=$work/mirror/registry.terraform.io/hotswap-io/hotswap/0.0.1/$(go env GOOS)_$(go env GOARCH)
mkdir -p "$mirror" "$work/configuration"
ln -s "$provider" "$mirror/terraform-provider-hotswap_v0.0.1"
cat >"$work/terraform.rc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
RC
export TF_CLI_CONFIG_FILE=$work/terraform.rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset TF_DATA_DIR TF_WORKSPACE TF_LOG "${!TF_CLI_ARGS@}" "${!TF_VAR_@}"
export HOTSWAP_STATE_PATH=$work/fleet
cp "$here"/*.tf "$work/configuration"
cd "$work/configuration"

output() { "$terraform" output -raw "$1" && echo; }

title 'A fleet of 10 instances serves 150 tenants with payment-processor-stripe 1.5.0.'
note 'It is simulated, and so is its time: an hour of rollout takes a moment here.'
note "The configuration is examples/demo/main.tf; the terraform is $("$terraform" version | head -n 1)."
quietly "$terraform" init -no-color

title '1. Plan: what would rolling out 1.6.0 do?'
command_line 'plan -var release=1.6.0'
quietly "$terraform" plan -no-color -out=plan -var release=1.6.0
"$terraform" show -no-color plan | sed -nE '/^ *[+] plan +=/,/^ *EOT$/p' | sed -e '1d' -e '$d' -e 's/^        //' | indent
note ''
note 'Each stage adds tenants, then watches them; its metrics decide whether the next one begins.'

title '2. Apply: the good version'
command_line 'apply'
quietly "$terraform" apply -no-color plan
output timeline | indent
printf '\n'
output fleet | indent
printf '\n'
[ "$(output active_version)" = 1.6.0 ] || fail 'the fleet should run 1.6.0 now'
good 'The fleet runs 1.6.0.'

title '3. Apply: a bad version'
note 'One in five requests to 1.7.0 fails. Nobody knows yet.'
command_line 'apply -var release=1.7.0'
if "$terraform" apply ${color[@]+"${color[@]}"} -auto-approve -var release=1.7.0 >"$work/said"; then
  cat "$work/said"
  fail 'the apply of the bad version should have failed'
fi

title '4. What happened?'
command_line 'apply -refresh-only'
quietly "$terraform" apply -no-color -auto-approve -refresh-only -var release=1.7.0
output timeline | indent
printf '\n    why      %s\n    exposed  %s\n\n' "$(output reason)" "$(output exposed)"
output fleet | indent
printf '\n'
[ "$(output active_version)" = 1.6.0 ] || fail 'the fleet should be back on 1.6.0'
good 'The bad version was caught, and the fleet is back on 1.6.0.'

title '5. Destroy: what is declared no more is rolled back'
command_line 'destroy'
quietly "$terraform" destroy -no-color -auto-approve

# A look at the fleet, from a configuration that declares nothing.
mkdir "$work/look"
cd "$work/look"
cp "$here/fleet.tf" .
cat >look.tf <<'HCL'
data "hotswap_fleet" "production" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
}

output "fleet" {
  value = join("\n", [for version, on in data.hotswap_fleet.production.versions :
    format("%-8s on %d instances, for %d tenants", version, on.instances, on.tenants)
  ])
}

output "active_version" {
  value = one(keys(data.hotswap_fleet.production.versions))
}
HCL
quietly "$terraform" init -no-color
quietly "$terraform" apply -no-color -auto-approve
output fleet | indent
printf '\n'
[ "$(output active_version)" = 1.5.0 ] || fail 'the fleet should be back on 1.5.0'
good 'The fleet is back on 1.5.0, as before the first rollout.'
