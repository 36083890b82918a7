#!/usr/bin/env bash
# Checks readiness and the rate limit of a service that has just started: smoke.sh [URL]. Uses up the limit of one address.
set -euo pipefail
url=${1:-http://127.0.0.1:8000}
limit=${TBG_RATE_LIMIT_REQUESTS:-100}

ready=$(curl --silent --show-error --fail "$url/ready")
[ "$ready" = '{"status":"ready","checks":{"database":"ok","redis":"ok"}}' ] || { echo "not ready: $ready" >&2; exit 1; }

# Within one window, exactly $limit requests of an address are admitted.
codes=$(for _ in $(seq "$((limit + 1))"); do curl --silent --output /dev/null --write-out '%{http_code}\n' "$url/version"; done)
[ "$(grep --count '^200$' <<<"$codes")" = "$limit" ] || { echo "not $limit of 200: $(sort <<<"$codes" | uniq --count)" >&2; exit 1; }
[ "$(tail -n 1 <<<"$codes")" = 429 ] || { echo "request $((limit + 1)) was not denied" >&2; exit 1; }

denied=$(curl --silent --include "$url/version")
grep --quiet --ignore-case '^retry-after: [0-9]' <<<"$denied" || { echo "no Retry-After: $denied" >&2; exit 1; }
echo "ready, with a limit of $limit requests per window"
