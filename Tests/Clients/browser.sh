#!/bin/sh
# Prints what a page of the origin saw in a real browser; the same transcript is due directly and through Wiretrail.
# Usage: browser.sh URL
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$directory" --dump-dom "$1" 2>/dev/null |
    sed -n '/<pre id="seen">/,/<\/pre>/p'
