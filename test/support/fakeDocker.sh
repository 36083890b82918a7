#!/bin/sh
# Stands in for `docker` in the tests of deploy/deploy.sh: writes each call into $FAKE/calls, as "IMAGE COMMAND", and
# answers by the files of $FAKE: image-SERVICE (what runs), bad and bad-SERVICE (images that never become ready), slow
# (how many looks a container takes until it is ready), local (images that are there), away (images that no registry
# has), migrate (the exit code of the migration).
image=${TBG_IMAGE:--}
[ "$1" = compose ] && shift && command="compose $1" || command=$1
for last in "$@"; do :; done
note() { echo "$image $*" >>"$FAKE/calls"; }
listed() { grep -qxF -e "$2" "$FAKE/$1" 2>/dev/null; }

case $command in
  "compose version" | "compose config") ;;
  "compose ps") [ ! -f "$FAKE/image-$last" ] || echo "container-$last" ;;
  inspect) cat "$FAKE/image-${last#container-}" ;;
  image) listed local "$last" ;;
  pull)
    note pull
    ! listed away "$last"
    ;;
  "compose run")
    note migrate
    exit "$(cat "$FAKE/migrate" 2>/dev/null || echo 0)"
    ;;
  "compose up")
    note "up $last"
    printf %s "$image" >"$FAKE/image-$last"
    cp "$FAKE/slow" "$FAKE/left-$last" 2>/dev/null || echo 0 >"$FAKE/left-$last"
    ;;
  "compose rm")
    note "rm $last"
    rm -f "$FAKE/image-$last"
    ;;
  "compose logs") echo "the last lines of $last" ;;
  "compose exec")
    # exec -T SERVICE tbg healthcheck …
    service=$3
    note "ready? $service"
    running=$(cat "$FAKE/image-$service")
    { listed bad "$running" || listed "bad-$service" "$running"; } && exit 1
    left=$(cat "$FAKE/left-$service")
    echo $((left - 1)) >"$FAKE/left-$service"
    [ "$left" -le 0 ]
    ;;
  *)
    echo "not foreseen: $*" >&2
    exit 125
    ;;
esac
