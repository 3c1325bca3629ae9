#!/bin/sh
# Subscribes an address to what customers write, tries it, and prints the subscription's id and secret.
#
#     ONETHREAD_URL=https://... ONETHREAD_API_KEY=ot_... sh subscribe.sh https://desk.example/hooks
set -eu

call() { # the key goes by standard input: what stands in the arguments, everybody on this machine can read
  printf 'header = "Authorization: Bearer %s"\n' "$ONETHREAD_API_KEY" |
    curl --fail-with-body --silent --show-error --config - --header "Content-Type: application/json" "$@"
}

wanted=$(jq -n --arg url "$1" '{url: $url, types: ["message.received", "message.status_changed"]}')
made=$(call "$ONETHREAD_URL/v1/subscriptions" --data "$wanted")
printf '%s' "$made" | jq -r '.id, .secret'
id=$(printf '%s' "$made" | jq -r .id)
call --request POST "$ONETHREAD_URL/v1/subscriptions/$id/test" | jq -c .
