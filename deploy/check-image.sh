#!/usr/bin/env bash
# Checks the contents and the behavior of an image: deploy/check-image.sh [IMAGE]. Needs Docker; exit code 0 or 1.
# The container is read-only, without capabilities and network, and uses the embedded database and limiter.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
image=${1:-tbg-api}
problems=0
say() { printf '%-24s %s\n' "$1" "$2"; }
check() { # NAME FOUND WANTED
  if [[ $2 == "$3" ]]; then say "$1" "$2"; else say "$1" "$2, expected $3"; problems=$((problems + 1)); fi
}
inspect() { docker image inspect "$image" --format "$1"; }
label() { inspect "{{index .Config.Labels \"org.opencontainers.image.$1\"}}"; }

bytes=$(inspect '{{.Size}}') || exit 1
check "under 300 MB" "$([[ $bytes -lt 300000000 ]] && echo yes || echo no)" yes
say "size" "$((bytes / 1000000)) MB"
check "user" "$(inspect '{{.Config.User}}')" "1000:1000"
check "environment" "$(inspect '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^TBG_ENVIRONMENT=//p')" production
check "entrypoint" "$(inspect '{{json .Config.Entrypoint}}')" '["node","dist/main.js"]'
check "health check" "$(inspect '{{json .Config.Healthcheck.Test}}')" '["CMD","tbg","healthcheck"]'
for name in title description licenses version revision base.name; do
  check "label $name" "$([[ -n $(label "$name") ]] && echo set || echo empty)" set
done

# The image has the files that cannot be bundled, and otherwise only the program and its chunks.
assets=$(sed -n 's/^  "\([a-zA-Z.-]*\)": () => .*/dist\/docs\/\1/p' src/http/docs/AssetFiles.ts)
page=$(for name in geist.LICENSE.txt geist.woff2 icon.svg page.css page.js theme.js uplot.LICENSE.txt; do echo "dist/page/$name"; done)
steps=$(for step in migrations/*.ts; do echo "dist/migrations/$(basename "$step" .ts).js"; done)
wanted=$(sort <<<"LICENSE
package.json
bin/find-node.js
bin/on-node.js
bin/run-npm.js
bin/tbg.js
dist/main.js
dist/cluster.tar.gz
dist/initdb.wasm
dist/pglite.data
dist/pglite.wasm
dist/migrations/checksums.json
$assets
$page
$steps")
container=$(docker create "$image") || exit 1
files=$(docker export "$container" | tar -t | sed -n 's/^app\/\(.*[^/]\)$/\1/p' | sort)
docker rm "$container" >/dev/null
check "missing files" "$(comm -23 <(echo "$wanted") <(echo "$files") | xargs)" ""
check "other files" "$(comm -13 <(echo "$wanted") <(echo "$files") | grep -vE '^dist/[A-Za-z0-9_-]+-[A-Za-z0-9_-]{8}\.js$' | xargs)" ""

started=$(date +%s%N)
container=$(docker run --detach --read-only --cap-drop ALL --security-opt no-new-privileges --network none \
  --memory 512m --pids-limit 100 --env TBG_DOCS_ENABLED=true --env TBG_ENVIRONMENT=test "$image") || exit 1
trap 'docker rm --force "$container" >/dev/null' EXIT
state() { docker inspect "$container" --format "$1"; }
for _ in $(seq 300); do
  [[ $(state '{{.State.Health.Status}}') == starting && $(state '{{.State.Running}}') == true ]] || break
  sleep 0.1
done
check "health" "$(state '{{.State.Health.Status}}')" healthy
say "healthy after" "$((($(date +%s%N) - started) / 1000000)) ms"
answers=$(docker exec "$container" node -e '
  const ask = async (path) => {
    const response = await fetch(new URL(path, "http://127.0.0.1:8000"))
    const isWhole = ["content-type", "x-request-id"].every((name) => response.headers.has(name))
    console.log(isWhole ? response.status : "headers missing", path)
    return response.text()
  }
  for (const path of ["/health", "/ready", "/openapi.json"]) await ask(path)
  for (const page of ["/docs", "/redoc"])
    for (const [, asset] of (await ask(page)).matchAll(/(?:src|href)="(\/[^"]+)"/g)) await ask(asset)')
check "answers 200" "$(grep -c '^200 ' <<<"$answers")" "$(wc -l <<<"$answers")"
check "docs assets" "$(grep -c '^200 .*/assets/' <<<"$answers")" 5
check "user id" "$(docker exec "$container" id -u)" 1000
check "process 1" "$(docker exec "$container" cat /proc/1/comm)" "$(docker exec "$container" node -p 'require("fs").readFileSync("/proc/self/comm", "utf8").trim()')"
check "capabilities" "$(docker exec "$container" sed -n 's/^CapEff:\t//p' /proc/1/status)" 0000000000000000
check "written files" "$(docker diff "$container" | xargs)" ""
say "memory" "$(docker stats --no-stream --format '{{.MemUsage}}' "$container")"

stopping=$(date +%s%N)
docker stop --time 30 "$container" >/dev/null
say "stopped after" "$((($(date +%s%N) - stopping) / 1000000)) ms"
check "exit code" "$(state '{{.State.ExitCode}}')" 0
[[ $problems -eq 0 ]] || { docker logs "$container" 2>&1 | tail -20; echo "$problems problems"; exit 1; }
