import { Console, DateTime, Effect, Option, Schema } from "effect"
import { Argument, CliError, Command, Flag } from "effect/cli"
import { ApiKeyId, Label } from "../domain/ApiKey.ts"
import type { ApiKey } from "../domain/ApiKey.ts"
import { isVisible } from "../domain/Text.ts"
import { ApiKeys } from "../services/ApiKeys.ts"
import { Teams } from "../services/Teams.ts"
import { commandGroup, decodeWith, json, printRecords, UsageError } from "./CommandParts.ts"
import { onTeams } from "./OnDatabase.ts"
import { printKey } from "./Output.ts"
import { teamName } from "./Teams.ts"

const team = Flag.String("team").pipe(teamName, Flag.withDescription("Name of the team"))

const findTeam = Effect.fnUntraced(function* (name: string) {
  const { find } = yield* Teams
  return yield* Effect.mapError(
    find(name),
    () => new UsageError({ message: `team ${name} does not exist; run tbg teams list` })
  )
})

const label = Flag.String("label").pipe(
  decodeWith(Label.check(isVisible), "1 to 100 characters, at least one of them visible, and no control character"),
  Flag.withDescription("Purpose of the key, at most 100 characters"),
  Flag.withDefault(null)
)

/** A day, or a time with its offset (RFC 3339). A time without an offset would depend on the time zone. */
const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

const expiryOf = Effect.fnUntraced(function* (text: string) {
  const invalid = (expected: string) =>
    new CliError.InvalidValue({ option: "expires", value: text, expected, kind: "flag" })
  const time = moment.test(text) ? Option.map(DateTime.make(text), DateTime.toUtc) : Option.none()
  // `DateTime` turns February 30 into March 2.
  const isCalendarDay =
    Option.isSome(time) && DateTime.formatIso(DateTime.makeUnsafe(text.slice(0, 10))).startsWith(text.slice(0, 10))
  if (Option.isNone(time) || !isCalendarDay) return yield* invalid("2027-01-31, or 2027-01-31T18:00:00Z")
  if (DateTime.isLessThanOrEqualTo(time.value, yield* DateTime.now)) return yield* invalid("a time in the future")
  return time.value
})

const expires = Flag.String("expires").pipe(
  Flag.mapEffect(expiryOf),
  Flag.withDescription("Expiry: 2027-01-31 (midnight UTC), or 2027-01-31T18:00:00Z; never by default"),
  Flag.withDefault(null)
)

const create = Command.make("create", { team, label, expires }, (flags) =>
  Effect.gen(function* () {
    const { id, name } = yield* findTeam(flags.team)
    const newKey = { label: flags.label, expiresAt: flags.expires }
    const { key, token } = yield* (yield* ApiKeys).create({ id, name }, newKey)
    yield* printKey(key.id, token)
    const expiry = key.expiresAt === null ? "" : `, which expires ${DateTime.formatIso(key.expiresAt)}`
    yield* Console.error(`created key ${key.id} of team ${name}${expiry}; save it now, it is not shown again`)
  }).pipe(onTeams)
).pipe(Command.withDescription("Create a key of a team; only the key is printed to standard output"))

const text = (time: DateTime.Utc | null) => (time === null ? null : DateTime.formatIso(time))

const fieldsOf = (key: ApiKey) => ({
  id: key.id,
  label: key.label,
  created_at: DateTime.formatIso(key.createdAt),
  expires_at: text(key.expiresAt),
  last_used_at: text(key.lastUsedAt),
  revoked_at: text(key.revokedAt)
})

const list = Command.make("list", { team, json }, (flags) =>
  Effect.gen(function* () {
    const { id, name } = yield* findTeam(flags.team)
    const keys = (yield* (yield* ApiKeys).list(id)).map(fieldsOf)
    yield* printRecords(keys, flags, `no keys; create one with tbg keys create --team ${name}`)
  }).pipe(onTeams)
).pipe(Command.withDescription("List the keys of a team, oldest first, including revoked ones"))

const id = Argument.String("id").pipe(
  Argument.withDescription("Id of the key, from tbg keys list or from the key itself, after tbg_")
)

const decodeId = Schema.decodeUnknownEffect(ApiKeyId)

/** Adds the dashes that an id in a key does not have. */
const addDashes = (text: string): string =>
  text.replace(/^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/, "$1-$2-$3-$4-$5")

const revoke = Command.make("revoke", { id }, (flags) =>
  Effect.gen(function* () {
    // The message does not show the text, because it may be a key.
    const id = yield* Effect.mapError(
      decodeId(addDashes(flags.id)),
      () => new UsageError({ message: "invalid key id; expected an id from tbg keys list, not the key itself" })
    )
    yield* Effect.mapError(
      (yield* ApiKeys).revoke(id),
      () => new UsageError({ message: `key ${id} does not exist or is revoked; run tbg keys list` })
    )
    yield* Console.log(`revoked key ${id}`)
  }).pipe(onTeams)
).pipe(Command.withDescription("Revoke a key; every replica rejects it within TBG_KEY_CACHE_SECONDS"))

export const Keys = commandGroup("keys", "Create, list and revoke the API keys of teams", [create, list, revoke])
