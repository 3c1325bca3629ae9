#!/bin/sh
# Prints every event of all conversations, one JSON object a line, from now on or from where it stopped last time.
#
#     ONETHREAD_URL=https://... ONETHREAD_API_KEY=ot_... sh poll.sh
set -eu
place=${CURSOR_FILE:-onethread.cursor} # for everything since the beginning, put the word "start" into it

while :; do
  cursor=$(cat "$place" 2>/dev/null || true)
  page=$(printf 'header = "Authorization: Bearer %s"\n' "$ONETHREAD_API_KEY" |
    curl --fail-with-body --silent --show-error --config - --get "$ONETHREAD_URL/v1/events" \
      --data-urlencode "cursor=$cursor")
  printf '%s' "$page" | jq -c '.items[]'           # first handle them,
  printf '%s' "$page" | jq -r .cursor >"$place.new" # then remember the place:
  mv "$place.new" "$place"                          # whoever stops in between gets them again
  if [ "$(printf '%s' "$page" | jq -r .more)" = false ]; then
    if [ "${ONCE:-}" ]; then exit; fi
    sleep 2
  fi
done
