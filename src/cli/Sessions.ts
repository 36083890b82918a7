import { Console, DateTime, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { SessionId } from "../domain/Session.ts"
import { Accounts } from "../services/auth/Accounts.ts"
import { Sessions as SessionService } from "../services/auth/Sessions.ts"
import { SignIn } from "../services/auth/SignIn.ts"
import { commandGroup, json, printRecords, UsageError } from "./CommandParts.ts"
import { onPlayers } from "./OnDatabase.ts"

const address = Flag.String("address").pipe(Flag.withDescription("Bitcoin address of the account"))

const accountOf = Effect.fnUntraced(function* (text: string) {
  const { canonical } = yield* SignIn
  const { ownerOf } = yield* Accounts
  const address = yield* Effect.mapError(
    canonical(text),
    ({ reason }) => new UsageError({ message: `invalid address ${JSON.stringify(text)}: it ${reason}` })
  )
  const account = yield* ownerOf(address)
  return Option.isSome(account)
    ? account.value
    : yield* new UsageError({ message: `no account has address ${address}; its owner must sign in first` })
})

const list = Command.make("list", { address, json }, (flags) =>
  Effect.gen(function* () {
    const account = yield* accountOf(flags.address)
    const sessions = (yield* (yield* SessionService).list(account)).map((session) => ({
      id: session.id,
      created_at: DateTime.formatIso(session.createdAt),
      last_used_at: DateTime.formatIso(session.lastUsedAt),
      user_agent: session.userAgent
    }))
    yield* printRecords(sessions, flags, `account ${account} has no open sessions`)
  }).pipe(onPlayers)
).pipe(Command.withDescription("List the open sessions of the account of an address, newest first"))

const id = Argument.String("id").pipe(
  Argument.withDescription("Id of the session, from sessions list"),
  Argument.optional
)
const all = Flag.String("all").pipe(
  Flag.withDescription("Bitcoin address of an account, to revoke all of its sessions"),
  Flag.optional
)

const decodeId = Schema.decodeUnknownEffect(SessionId)

const revokeOne = Effect.fnUntraced(function* (text: string) {
  // The text is not shown, because it may be a token.
  const id = yield* Effect.mapError(
    decodeId(text.toLowerCase()),
    () => new UsageError({ message: "invalid id: expected the id of a session, from tbg sessions list" })
  )
  yield* Effect.mapError(
    (yield* SessionService).revokeById(id),
    () => new UsageError({ message: `session ${id} does not exist, is revoked or has expired; run tbg sessions list` })
  )
  yield* Console.log(`${id}: revoked`)
})

const revoke = Command.make("revoke", { id, all }, (flags) =>
  Effect.gen(function* () {
    if (Option.isSome(flags.id) && Option.isNone(flags.all)) return yield* revokeOne(flags.id.value)
    if (Option.isNone(flags.all) || Option.isSome(flags.id)) {
      return yield* new UsageError({ message: "expected the id of a session, or --all ADDRESS" })
    }
    const account = yield* accountOf(flags.all.value)
    yield* (yield* SessionService).revokeAll(account)
    yield* Console.log(`${account}: all sessions revoked`)
  }).pipe(onPlayers)
).pipe(Command.withDescription("Revoke sessions; every replica rejects them within TBG_KEY_CACHE_SECONDS"))

export const Sessions = commandGroup("sessions", "List and revoke the sessions of players", [list, revoke])
