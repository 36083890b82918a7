#!/usr/bin/env bash
# Rolls an image out over the replicas of a Compose host, and back when it does not become ready.
#
#   deploy/deploy.sh NAME@sha256:DIGEST     an image of a registry
#   deploy/deploy.sh sha256:ID              an image that this host already has
#
# 1. pulls; 2. migrates, in a container of the new image; 3. makes the replicas anew, one after the other, each when the
# one before is ready; 4. when one does not become ready, gives the old image back to those that were changed.
# docs/rollout.md has the whole of it. Exit codes:
#   0  every replica runs the new image
#   1  a replica did not become ready; all run the old image again
#   2  that failed as well: somebody has to look
#   3  the migration failed; no replica was touched
#   64 it was called wrongly; 69 there is no engine or no image; 75 another deployment is running
#
# From the environment: COMPOSE_FILE, COMPOSE_PROJECT_NAME and COMPOSE_PROFILES as Compose has them, and
#   DEPLOY_SERVICES ("api api-2 api-3"), in this order;
#   DEPLOY_READY_SECONDS (60), how long a replica may take until it is ready;
#   DEPLOY_SETTLE_SECONDS (3), how long the load balancer may take until it has noticed;
#   DEPLOY_POLL_SECONDS (1), between two looks at /ready.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 69

export COMPOSE_FILE=${COMPOSE_FILE:-compose.yaml:deploy/compose.production.yaml}
export COMPOSE_PROFILES=${COMPOSE_PROFILES:-replicas}
read -ra services <<<"${DEPLOY_SERVICES:-api api-2 api-3}"
ready_seconds=${DEPLOY_READY_SECONDS:-60}
settle_seconds=${DEPLOY_SETTLE_SECONDS:-3}
poll_seconds=${DEPLOY_POLL_SECONDS:-1}

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
fail() { # CODE MESSAGE…
  local code=$1
  shift
  printf 'deploy: %s\n' "$*" >&2
  exit "$code"
}

# Compose with an image for the replicas; it never builds and never pulls, so that what runs is what was asked for.
compose() { # IMAGE ARGS…
  local image=$1
  shift
  TBG_IMAGE=$image docker compose "$@" </dev/null
}

container_of() { compose "$new" ps --all --quiet "$1" 2>/dev/null | head -n 1; }

# The id of the image that a replica runs: its tag may mean another one by now.
image_of() {
  local container
  container=$(container_of "$1")
  [[ -z $container ]] || docker inspect --format '{{.Image}}' "$container"
}

is_ready() { # IMAGE SERVICE
  compose "$1" exec -T "$2" tbg healthcheck --url http://127.0.0.1:8000/ready >/dev/null 2>&1
}

until_ready() { # IMAGE SERVICE
  local deadline=$((SECONDS + ready_seconds))
  until is_ready "$1" "$2"; do
    ((SECONDS < deadline)) || return 1
    sleep "$poll_seconds"
  done
}

# The old container drains and ends before the new one begins: its address and its name are free then.
run_on() { # IMAGE SERVICE
  compose "$1" up --detach --no-deps --no-build --pull never "$2" && until_ready "$1" "$2"
}

roll_back() { # SERVICE…, the last changed first
  local service is_whole=yes
  for service in "$@"; do
    if [[ -z ${old[$service]} ]]; then
      say "$service: had no image before; it is stopped"
      compose "$new" rm --stop --force "$service" || is_whole=no
    elif say "$service: back to ${old[$service]}" && run_on "${old[$service]}" "$service"; then
      say "$service: ready"
    else
      say "$service: NOT READY with the old image either"
      is_whole=no
    fi
  done
  [[ $is_whole == yes ]] || fail 2 "the roll-back failed: look at 'docker compose ps' and 'docker compose logs'"
  fail 1 "$new was rolled back; the schema stays as the migration left it, which the old image can work with"
}

[[ $# -eq 1 ]] || fail 64 "usage: deploy/deploy.sh NAME@sha256:DIGEST"
new=$1
[[ $new =~ ^([a-z0-9][^@[:space:]]*@)?sha256:[0-9a-f]{64}$ ]] ||
  fail 64 "'$new' is not an image by digest (NAME@sha256:…): a tag may mean another image tomorrow"

docker compose version >/dev/null 2>&1 || fail 69 "docker compose does not answer: is the engine running?"
exec 9>"${TMPDIR:-/tmp}/tbg-deploy-$UID.lock"
if command -v flock >/dev/null; then flock -n 9 || fail 75 "another deployment is running"; fi
compose "$new" config --quiet || fail 64 "the Compose files do not hold together: see above"
docker image inspect "$new" >/dev/null 2>&1 || docker pull --quiet "$new" || fail 69 "there is no image $new"

declare -A old
for service in "${services[@]}"; do
  old[$service]=$(image_of "$service") || fail 69 "cannot tell which image $service runs"
done

say "migrating"
compose "$new" run --rm --no-deps -T "${services[0]}" migrate up ||
  fail 3 "the migration failed, and nothing else was done: the replicas run what they ran"

changed=()
trap 'fail 2 "interrupted: of ${services[*]}, the new image went to: ${changed[*]:-none}; run it again to go on"' INT TERM
for service in "${services[@]}"; do
  changed=("$service" "${changed[@]}")
  say "$service: from ${old[$service]:-nothing} to $new"
  if ! run_on "$new" "$service"; then
    say "$service: not ready within $ready_seconds s; its last lines:"
    compose "$new" logs --no-color --tail 20 "$service"
    roll_back "${changed[@]}"
  fi
  say "$service: ready"
  sleep "$settle_seconds"
done
say "every replica runs $new; TBG_IMAGE=$new in .env lets the next 'docker compose up' mean the same"
