#!/usr/bin/env bash
# Rolls an image out over the services of a Compose host, and rolls back if one does not become ready.
#
#   deploy/deploy.sh NAME@sha256:DIGEST     an image of a registry
#   deploy/deploy.sh sha256:ID              an image that this host already has
#
# 1. Pulls the image. 2. Migrates, in a container of the new image. 3. Recreates the replicas and then `mining`, each
# when the previous one is ready. 4. If one does not become ready, restores the old image of those that were changed.
# See docs/deployment.md. Exit codes:
#   0  every service runs the new image
#   1  a service did not become ready; all run the old image again
#   2  the rollback failed or was interrupted; check by hand
#   3  the migration failed; no service was touched
#   64 invalid arguments; 69 no engine or no image; 75 another deployment is running
#
# Environment variables: COMPOSE_FILE, COMPOSE_PROJECT_NAME and COMPOSE_PROFILES as in Compose, and
#   DEPLOY_SERVICES ("api api-2 api-3 mining"), in this order;
#   DEPLOY_READY_SECONDS (60), time for a service to become ready;
#   DEPLOY_SETTLE_SECONDS (3), time for the load balancer to notice;
#   DEPLOY_POLL_SECONDS (1), interval between polls of /ready.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 69

export COMPOSE_FILE=${COMPOSE_FILE:-compose.yaml:deploy/compose.production.yaml}
export COMPOSE_PROFILES=${COMPOSE_PROFILES:-replicas}
read -ra services <<<"${DEPLOY_SERVICES:-api api-2 api-3 mining}"
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

# Runs Compose with an image for the services. It never builds or pulls, so that exactly this image runs.
compose() { # IMAGE ARGS…
  local image=$1
  shift
  TBG_IMAGE=$image docker compose "$@" </dev/null
}

container_of() { compose "$new" ps --all --quiet "$1" 2>/dev/null | head -n 1; }

# The image id that a service runs, because its tag may have changed.
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

# The old container stops before the new one starts, which frees its address and name.
run_on() { # IMAGE SERVICE
  compose "$1" up --detach --no-deps --no-build --pull never "$2" && until_ready "$1" "$2"
}

roll_back() { # SERVICE…, latest change first
  local service is_whole=yes
  for service in "$@"; do
    if [[ -z ${old[$service]} ]]; then
      say "$service: had no image before; stopping it"
      compose "$new" rm --stop --force "$service" || is_whole=no
    elif say "$service: back to ${old[$service]}" && run_on "${old[$service]}" "$service"; then
      say "$service: ready"
    else
      say "$service: NOT READY with the old image either"
      is_whole=no
    fi
  done
  [[ $is_whole == yes ]] || fail 2 "the rollback failed; check 'docker compose ps' and 'docker compose logs'"
  fail 1 "$new was rolled back; the new schema stays, and the old image works with it"
}

[[ $# -eq 1 ]] || fail 64 "usage: deploy/deploy.sh NAME@sha256:DIGEST"
new=$1
[[ $new =~ ^([a-z0-9][^@[:space:]]*@)?sha256:[0-9a-f]{64}$ ]] ||
  fail 64 "'$new' is not an image by digest (NAME@sha256:…); a tag can change"

docker compose version >/dev/null 2>&1 || fail 69 "docker compose is not available; start the engine"
exec 9>"${TMPDIR:-/tmp}/tbg-deploy-$UID.lock"
if command -v flock >/dev/null; then flock -n 9 || fail 75 "another deployment is running"; fi
compose "$new" config --quiet || fail 64 "invalid Compose files; see above"
docker image inspect "$new" >/dev/null 2>&1 || docker pull --quiet "$new" || fail 69 "no such image: $new"

declare -A old
for service in "${services[@]}"; do
  old[$service]=$(image_of "$service") || fail 69 "cannot read the image of $service"
done

say "migrating"
compose "$new" run --rm --no-deps -T "${services[0]}" migrate up ||
  fail 3 "the migration failed; no service was changed"

changed=()
trap 'fail 2 "interrupted after replacing ${changed[*]:-none} of ${services[*]}; run it again to continue"' INT TERM
for service in "${services[@]}"; do
  changed=("$service" "${changed[@]}")
  say "$service: from ${old[$service]:-nothing} to $new"
  if ! run_on "$new" "$service"; then
    say "$service: not ready within $ready_seconds s; last log lines:"
    compose "$new" logs --no-color --tail 20 "$service"
    roll_back "${changed[@]}"
  fi
  say "$service: ready"
  sleep "$settle_seconds"
done
say "every service runs $new; set TBG_IMAGE=$new in .env"
