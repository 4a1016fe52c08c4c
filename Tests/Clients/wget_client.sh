#!/bin/sh
# Works the origin over with wget and prints what it saw; the same transcript is due directly and through Wiretrail.
# Usage: wget_client.sh URL
set -u
url=$1
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
cd "$directory" || exit 1
printf 'posted' >small

# say TITLE WGET-OPTION...
say() {
    title=$1
    shift
    printf -- '-- %s\n' "$title"
    rm -f body
    wget --quiet --server-response --tries=1 --timeout=60 --output-document=body "$@" 2>&1 |
        grep -viE '^ *(via|forwarded|connection|keep-alive|transfer-encoding):'
    sha256sum <body
}

say hello "$url/hello"
say 'two on one connection' "$url/hello" "$url/data?size=100000"
say chunked "$url/chunked?size=1000000"
say 'until close' "$url/until-close?size=300000"
say redirect "$url/redirect?to=/hello"
say post --post-file=small "$url/upload"
say put --method=PUT --body-file=small "$url/upload"
say missing "$url/missing"
say 'basic authentication' --user=alice --password=secret "$url/basic"
printf -- '-- a download resumed\n'
head -c 1000 /dev/zero >'data?size=5000'
wget --quiet --continue --tries=1 --timeout=60 "$url/data?size=5000" 2>&1
sha256sum <'data?size=5000'
