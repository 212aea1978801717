#!/usr/bin/env bash
# The demonstration of a rollout server: one rollout goes well, one is caught, and one waits for a person who decides on the
# command line. `make demo-server` builds the command line and runs this. With --script nobody is waited for: it ends with 0
# when all went as it tells. Everything it writes lies in a folder of its own under .cache/, and is gone when it ends.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH=$root/bin:$PATH
[ -x "$root/bin/hotswap" ] || { echo "There is no $root/bin/hotswap: run make build-cli first." >&2; exit 1; }
script=false
[ "${1:-}" = --script ] && script=true

mkdir -p "$root/.cache"
work=$(mktemp -d "$root/.cache/demo-server.XXXXXX")
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' dim='' green='' red='' plain=''
fi
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
good() { printf '%s✓ %s%s\n' "$green" "$*" "$plain"; }
fail() { printf '%s✗ %s%s\n' "$red" "$*" "$plain" >&2; cat "$work/log" >&2; exit 1; }
# told COMMAND...: shows a command and runs it; ends says how it has to end.
told() { printf '\n%s$ %s%s\n' "$dim" "$*" "$plain"; "$@"; }
ends() {
  local want=$1 got=0
  shift
  told "$@" || got=$?
  [ "$got" = "$want" ] || fail "it ended with $got, and $want was expected"
}

cp "$here"/*.yaml "$here"/*.json "$work"
cd "$work"
sed -i.bak -e "s/^listen: .*/listen: 127.0.0.1:${HOTSWAP_DEMO_PORT:-8700}/" hotswap.yaml
hotswap serve --config hotswap.yaml >said 2>log &
server=$!
for _ in $(seq 100); do
  [ -s said ] && grep -q '^serving' said && [ -s state/admin-token ] && break
  kill -0 "$server" 2>/dev/null || fail 'the server did not start'
  sleep 0.1
done
address=$(sed -nE 's/^serving rollouts at (.*)$/\1/p' said)
[ -n "$address" ] || fail 'the server did not start'
export HOTSWAP_CONTROLLER_ENDPOINT=$address HOTSWAP_CONTROLLER_TOKEN_FILE=$work/state/admin-token HOTSWAP_CONFIG=$work/contexts.yaml
unset HOTSWAP_CONTEXT HOTSWAP_CONTROLLER_TOKEN

title "A rollout server runs at $address, with three simulated fleets that live 60 times as fast as real ones."
echo "Open $address and log in with the token:  $(cat state/admin-token)"

title '1. Two rollouts begin. The commands return at once: the server walks them.'
told hotswap rollout start good.json --yes | tail -n 1
told hotswap rollout start bad.json --yes | tail -n 1

title '2. The one in Production errs six times as often as what runs. The server takes it back.'
ends 10 hotswap rollout watch payment-gateway-production-1
good 'caught, and rolled back'

title '3. A third one, in QA, asks a person, because autoRollback is false. This command waits for it.'
ends 12 hotswap rollout start held.json --yes --wait
told hotswap rollout show fraud-rules-qa-1 | sed -n '1,/^success/p'
ends 10 hotswap rollout rollback fraud-rules-qa-1 --reason 'errs four times as often' --yes --wait
good 'decided on the command line'

title '4. The one in Staging is good, and goes through.'
ends 0 hotswap rollout watch payment-gateway-staging-1
told hotswap rollout list
told hotswap audit

title 'All of it went on without anybody who waited for it.'
$script && exit 0
echo "The page is at $address as long as this runs: Ctrl-C ends it."
wait "$server"
