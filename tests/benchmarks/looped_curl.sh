#!/usr/bin/env bash
# Chat Servers with curl and jq: looped_curl.sh URL USERNAME PASSWORD BODIES
# BODIES: a file with one object a line, as GAX shows it, with the DBIDs looked up already.
set -euo pipefail
objects=$1/gax/api/cfg/objects
cookies=$(mktemp)
trap 'rm -f "$cookies"' EXIT
call() { curl --silent --show-error --fail --noproxy '*' --cookie "$cookies" --header 'Content-Type: application/json' "$@"; }

jq -nc --arg username "$2" --arg password "$3" '$ARGS.named' | call --cookie-jar "$cookies" --data @- "$1/gax/api/session/login"
while read -r body; do
    name=$(jq -r .name <<<"$body")
    found=$(call --get --data-urlencode "name=$name" --data 'type=CfgApplication&brief=false' "$objects" | jq -c '.[0] // empty')
    if [ -z "$found" ]; then
        call --data @- "$objects" <<<"$body" >/dev/null
    elif [ "$(jq -cS . <<<"$found")" != "$(jq -cS --argjson body "$body" '. + $body' <<<"$found")" ]; then
        jq -c --argjson body "$body" '. + $body' <<<"$found" |
            call --request PUT --data @- "$objects/CfgApplication/$(jq -r .dbid <<<"$found")" >/dev/null
    fi
done <"$4"
