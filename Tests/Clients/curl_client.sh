#!/bin/sh
# Works the origin over with curl and prints what it saw; the same transcript is due directly and through Wiretrail.
# Usage: curl_client.sh URL [CURL-OPTION...]
set -u
url=$1
shift
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
cd "$directory" || exit 1
head -c 3000000 /dev/zero | tr '\0' 'z' >large
printf 'small body' >small

# say TITLE CURL-OPTION...: status, header fields but for those that a proxy adds, and the body's digest when it is long.
say() {
    title=$1
    shift
    printf -- '-- %s\n' "$title"
    rm -f body head
    curl --silent --show-error --max-time 60 --http1.1 --dump-header head --output body \
        --write-out '%{http_code} %{size_download} %{num_connects} connections %{num_redirects} redirects\n' "$@" 2>&1 |
        sed 's/after [0-9]* milliseconds/after some time/'
    [ ! -e head ] || tr -d '\r' <head | grep -viE '^(via|forwarded|connection|keep-alive|transfer-encoding):'
    [ ! -e body ] || if [ "$(wc -c <body)" -gt 400 ]; then sha256sum <body; else grep -av '^Transfer-Encoding:' body; fi
    printf '\n'
}

say hello "$@" "$url/hello"
say fields "$@" -A "curl" -H 'X-One: 1' -H 'X-Empty;' -H 'Accept-Language: de, en;q=0.5' "$url/fields"
say head "$@" --head "$url/hello"
say 'head of something large' "$@" --head "$url/data?size=3000000"
say 'head of something chunked' "$@" --head "$url/chunked?size=1000"
say 'options' "$@" -X OPTIONS "$url/fields"
say 'delete' "$@" -X DELETE "$url/upload"
say 'a query' "$@" "$url/fields?a=1&b=%20%2f&c=%E2%98%83;d"
say download "$@" "$url/data?size=3000000"
say 'an empty download' "$@" "$url/data?size=0"
say range "$@" -r 1000-1999 "$url/data?size=3000000"
say chunked "$@" "$url/chunked?size=1000000"
say 'until close' "$@" "$url/until-close?size=700000"
say gzip "$@" --compressed "$url/gzip"
say 'gzip as it is' "$@" -H 'Accept-Encoding: gzip' "$url/gzip"
say 'upload of known length' "$@" -T large -H 'Expect:' "$url/upload"
say 'upload with Expect' "$@" -T large -H 'Expect: 100-continue' --expect100-timeout 60 "$url/upload"
say 'upload in chunks' "$@" -T - "$url/upload" <large
say 'an empty upload in chunks' "$@" -T - "$url/upload" </dev/null
say 'post' "$@" -d @small "$url/upload"
say 'a form' "$@" -F 'file=@large' -F 'name=naïve' -H 'Content-Type: multipart/form-data; boundary=fixed' "$url/status?code=200"
say 'a body that is refused' "$@" -T large -H 'Expect: 100-continue' --expect100-timeout 60 "$url/refuse"
for code in 204 304 404 500 401; do say "status $code" "$@" "$url/status?code=$code"; done
say redirect "$@" -L -c jar -b jar "$url/redirect?to=/hello"
say 'the cookie' "$@" -b jar "$url/fields"
say 'early hints' "$@" "$url/early"
say 'basic authentication' "$@" --anyauth -u alice:secret "$url/basic"
say events "$@" -N "$url/events?count=5"
say 'events resumed' "$@" -N -H 'Last-Event-ID: 3' "$url/events?count=2"
say 'three requests on one connection' "$@" "$url/hello" "$url/data?size=10" "$url/hello"
say 'HTTP/1.0' "$@" --http1.0 "$url/hello"
say 'a slow answer' "$@" "$url/slow?seconds=1.5"
say 'an answer given up' "$@" --max-time 4 "$url/slow?seconds=60"
say 'after it' "$@" "$url/hello"
say 'a long field' "$@" -H "X-Long: $(head -c 20000 /dev/zero | tr '\0' 'l')" -o body "$url/hello"
printf -- '-- many at once\n'
curl --silent --max-time 60 --http1.1 "$@" --parallel --parallel-max 20 --output 'part-#1' \
    --write-out '%{filename_effective} %{http_code} %{size_download} %{exitcode}\n' "$url/data?size=[1000-1040]" 2>/dev/null | sort
cat part-* | sha256sum
