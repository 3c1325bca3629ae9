#!/bin/sh
# usage: infra/browser.sh
# Sees to it that there is a Chromium for the tests of the page: the system's, or Debian's package, or the one that
# playwright fetches for itself.
set -eu
cd "$(dirname "$0")/.."

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then exit 0; fi
done

if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    echo "Installing Debian's chromium"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
    exit 0
fi
echo "Installing playwright's chromium"
.venv/bin/python -m playwright install chromium
