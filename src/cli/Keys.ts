import { Console, DateTime, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { aligned } from "../baseline/DifferenceTable.ts"
import { ApiKeyId, Label } from "../domain/ApiKey.ts"
import type { ApiKey } from "../domain/ApiKey.ts"
import { isVisible } from "../domain/Text.ts"
import { ApiKeys } from "../services/ApiKeys.ts"
import { commandGroup } from "./CommandGroup.ts"
import { printKey } from "./PrintKey.ts"
import { json, Misused } from "./Report.ts"
import { given, onTeams, teamNamed } from "./teams/OnTeams.ts"

const team = Flag.String("team").pipe(Flag.withDescription("The name of the team"))

const label = Flag.String("label").pipe(
  Flag.withDescription("What the key is for, of at most 100 characters"),
  Flag.optional
)

const expires = Flag.String("expires").pipe(
  Flag.withDescription("When it ends: 2027-01-31 (midnight UTC), or 2027-01-31T18:00:00Z; without it never"),
  Flag.optional
)

const labelOf = given(
  Label.check(isVisible),
  "1 to 100 characters, at least one of them visible, and no control character"
)

/** A day, or a time with its offset (RFC 3339): what leaves the offset out would mean another time elsewhere. */
const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

const expiryOf = Effect.fnUntraced(function* (text: string) {
  const refuse = (wanted: string) => new Misused({ message: `--expires ${JSON.stringify(text)}: wanted ${wanted}` })
  const time = moment.test(text) ? Option.map(DateTime.make(text), DateTime.toUtc) : Option.none()
  // A day that the month has not got is moved to the next month.
  const isDay =
    Option.isSome(time) && DateTime.formatIso(DateTime.makeUnsafe(text.slice(0, 10))).startsWith(text.slice(0, 10))
  if (Option.isNone(time) || !isDay) return yield* refuse("2027-01-31, or 2027-01-31T18:00:00Z")
  if (DateTime.isLessThanOrEqualTo(time.value, yield* DateTime.now)) return yield* refuse("a time to come")
  return time.value
})

const orNull = <A, E>(flag: Option.Option<string>, read: (text: string) => Effect.Effect<A, E>) =>
  Option.isNone(flag) ? Effect.succeed(null) : read(flag.value)

const create = Command.make("create", { team, label, expires }, (flags) =>
  Effect.gen(function* () {
    const newKey = {
      label: yield* orNull(flags.label, (text) => labelOf(`--label ${JSON.stringify(text)}`, text)),
      expiresAt: yield* orNull(flags.expires, expiryOf)
    }
    const { id, name } = yield* teamNamed(flags.team)
    const { key, token } = yield* (yield* ApiKeys).create({ id, name }, newKey)
    yield* printKey(key.id, token)
    const end = key.expiresAt === null ? "" : `, until ${DateTime.formatIso(key.expiresAt)}`
    yield* Console.error(`key ${key.id} of team ${name}${end}: save it now, it will not be shown again`)
  }).pipe(onTeams)
).pipe(
  Command.withDescription("Make a key of a team, and print it: the key alone on standard output, the rest beside it")
)

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
    const { id, name } = yield* teamNamed(flags.team)
    const keys = (yield* (yield* ApiKeys).list(id)).map(fieldsOf)
    if (flags.json) return yield* Console.log(JSON.stringify(keys))
    if (keys.length === 0) return yield* Console.log(`no key: tbg keys create --team ${name} makes one`)
    const rows = keys.map((key) => Object.values(key).map((value) => value ?? "-"))
    yield* Console.log(aligned([["ID", "LABEL", "CREATED", "EXPIRES", "LAST USED", "REVOKED"], ...rows]))
  }).pipe(onTeams)
).pipe(Command.withDescription("List a team's keys, the oldest first, with those that are revoked"))

const id = Argument.String("id").pipe(
  Argument.withDescription("The key's id, as keys list prints it or as it stands in the key after tbg_")
)

/** The id as it stands in a key, too. What is no id is not shown: it may be a key. */
const keyId = given(ApiKeyId, "the id of a key, as tbg keys list prints it, and not the key itself")

const dashed = (text: string): string =>
  text.replace(/^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/, "$1-$2-$3-$4-$5")

const revoke = Command.make("revoke", { id }, (flags) =>
  Effect.gen(function* () {
    const id = yield* keyId("keys revoke", dashed(flags.id))
    yield* Effect.mapError(
      (yield* ApiKeys).revoke(id),
      () => new Misused({ message: `there is no living key ${id}: see tbg keys list` })
    )
    yield* Console.log(`${id}: revoked`)
  }).pipe(onTeams)
).pipe(Command.withDescription("End a key: within TBG_KEY_CACHE_SECONDS no replica takes it any more"))

export const Keys = commandGroup("keys", "Make, list and revoke the API keys of teams", [create, list, revoke])
