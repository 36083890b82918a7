import { Context, DateTime, Effect, Layer, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { randomInt } from "node:crypto"
import { AccountId } from "../../domain/Account.ts"
import { LiveTicketId, resumableHours, TicketInvalid, ticketSeconds } from "../../domain/live/Ticket.ts"
import type { TicketSession } from "../../domain/live/Ticket.ts"
import { SessionId } from "../../domain/Session.ts"
import type { SignedInCaller } from "../../domain/Session.ts"
import { tokenFormat } from "../apiKeys/Token.ts"
import { Ids } from "../Ids.ts"
import { reads } from "../Reads.ts"
import { Secrets } from "../Secrets.ts"
import { writes } from "../Writes.ts"

const format = tokenFormat("tbgt", "live ticket", LiveTicketId)

/** Number of expired rows that each new ticket removes, so that the table stays small without a job. */
const expiredPerIssue = 10

const decodeFound = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ hash: Schema.Uint8Array, session_id: SessionId, account_id: AccountId }))
)
const decodeOpened = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ opening: Schema.Int, session_id: SessionId, account_id: AccountId }))
)

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const write = yield* writes
  const { next } = yield* Ids
  const { sign, verify } = yield* Secrets

  const expired = (now: string, atMost: number) => sql`
    DELETE FROM tbg_api.live_tickets WHERE id IN (
      SELECT id FROM tbg_api.live_tickets WHERE expires_at <= ${now} LIMIT ${atMost} FOR UPDATE SKIP LOCKED
    ) RETURNING id`

  const issue = Effect.fn("LiveTickets.issue")(function* (session: SessionId) {
    const id = LiveTicketId.make((yield* next).id)
    const ticket = format.make(id, randomInt)
    const now = yield* DateTime.now
    const at = DateTime.formatIso(now)
    yield* sql`
      WITH expired AS (${expired(at, expiredPerIssue)})
      INSERT INTO tbg_api.live_tickets (id, session_id, hash, created_at, expires_at)
      VALUES (${id}, ${session}, ${sign("ticket", Redacted.value(ticket))}, ${at},
        ${DateTime.formatIso(DateTime.add(now, { seconds: ticketSeconds }))})`.pipe(write, Effect.orDie)
    return ticket
  })

  /** Condition under which a ticket `t` of a session `s` may open a stream. */
  const isValid = (id: LiveTicketId, at: string, isResumed: boolean) => sql`
    t.id = ${id} AND t.expires_at > ${at} AND (t.openings = 0 OR ${isResumed}::boolean)
      AND s.id = t.session_id AND s.revoked_at IS NULL AND s.expires_at > ${at}`

  const verified = Effect.fnUntraced(function* (ticket: string, isResumed: boolean) {
    const id = format.idOf(ticket)
    if (id === undefined) return yield* new TicketInvalid()
    const at = DateTime.formatIso(yield* DateTime.now)
    const [found] = yield* sql`
      SELECT t.hash, t.session_id, s.account_id FROM tbg_api.live_tickets t, tbg_api.sessions s
      WHERE ${isValid(id, at, isResumed)}`.pipe(short, Effect.flatMap(decodeFound), Effect.orDie)
    if (found === undefined || verify("ticket", ticket, found.hash) === undefined) return yield* new TicketInvalid()
    return { id, session: { accountId: found.account_id, sessionId: found.session_id } }
  })

  const find = Effect.fn("LiveTickets.find")(function* (ticket: string, isResumed: boolean) {
    return (yield* verified(ticket, isResumed)).session
  })

  const open = Effect.fn("LiveTickets.open")(function* (ticket: string, isResumed: boolean) {
    const { id } = yield* verified(ticket, isResumed)
    const now = yield* DateTime.now
    const at = DateTime.formatIso(now)
    const [opened] = yield* sql`
      UPDATE tbg_api.live_tickets t SET openings = t.openings + 1, expires_at = CASE
        WHEN t.openings > 0 THEN t.expires_at
        ELSE ${DateTime.formatIso(DateTime.add(now, { hours: resumableHours }))}::timestamptz
      END
      FROM tbg_api.sessions s
      WHERE ${isValid(id, at, isResumed)}
      RETURNING t.openings AS opening, t.session_id, s.account_id`.pipe(
      write,
      Effect.flatMap(decodeOpened),
      Effect.orDie
    )
    if (opened === undefined) return yield* new TicketInvalid()
    const { account_id: accountId, opening, session_id: sessionId } = opened
    return { accountId, sessionId, ticket: { id, opening } }
  })

  const purge = Effect.fn("LiveTickets.purge")(function* (atMost: number) {
    const rows = yield* expired(DateTime.formatIso(yield* DateTime.now), atMost).pipe(write, Effect.orDie)
    return rows.length
  })

  return { issue, find, open, purge }
})

/** Tickets that open live streams without an access token. They are opaque, and stored as keyed hashes. */
export class LiveTickets extends Context.Service<
  LiveTickets,
  {
    /** Returns a ticket that opens one stream within 30 seconds. */
    readonly issue: (session: SessionId) => Effect.Effect<Redacted.Redacted>
    /** Returns the session of a ticket that `open` would accept. */
    readonly find: (ticket: string, isResumed: boolean) => Effect.Effect<SignedInCaller, TicketInvalid>
    /**
     * Opens the stream of a ticket. After the first opening, only a resumed stream may be opened, for 24 hours while the
     * session lives. Malformed tickets cost no query.
     *
     * @param isResumed whether the request continues after an event of a stream, by `Last-Event-ID`
     */
    readonly open: (ticket: string, isResumed: boolean) => Effect.Effect<TicketSession, TicketInvalid>
    /** Removes at most `atMost` expired tickets, and returns their number. */
    readonly purge: (atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/live/LiveTickets") {
  static readonly layer = Layer.effect(LiveTickets, make)
}
