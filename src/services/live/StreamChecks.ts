import { DateTime, Effect, Layer, Schedule, Schema } from "effect"
import type { Duration } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../domain/Account.ts"
import type { ByeReason } from "../../domain/live/LiveEvent.ts"
import { LiveTicketId } from "../../domain/live/Ticket.ts"
import { SessionId } from "../../domain/Session.ts"
import { inBackground } from "../Background.ts"
import { MinerVisibility, Viewer } from "../mining/MinerVisibility.ts"
import { rowsOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"
import { LiveHub } from "./LiveHub.ts"
import type { OpenStream } from "./LiveHub.ts"

const distinct = <A>(values: ReadonlyArray<A | undefined>): ReadonlyArray<A> => [
  ...new Set(values.filter((value) => value !== undefined))
]

const make = Effect.fnUntraced(function* (interval: Duration.Input) {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const hub = yield* LiveHub
  const { hiddenOf } = yield* MinerVisibility
  const sessionRows = rowsOf(Schema.Struct({ id: SessionId }))
  const ticketRows = rowsOf(Schema.Struct({ id: LiveTicketId, openings: Schema.Int }))
  const addressRows = rowsOf(Schema.Struct({ account_id: AccountId, address: Schema.String }))

  const liveSessions = Effect.fnUntraced(function* (ids: ReadonlyArray<SessionId>) {
    if (ids.length === 0) return new Set<SessionId>()
    const rows = yield* sessionRows(
      long(sql`
        SELECT id FROM tbg_api.sessions WHERE id = ANY (${ids}::uuid[]) AND revoked_at IS NULL
          AND expires_at > ${DateTime.formatIso(yield* DateTime.now)}`)
    )
    return new Set(rows.map(({ id }) => id))
  })

  const openingsOf = Effect.fnUntraced(function* (ids: ReadonlyArray<LiveTicketId>) {
    if (ids.length === 0) return new Map<LiveTicketId, number>()
    const rows = yield* ticketRows(
      long(sql`SELECT id, openings FROM tbg_api.live_tickets WHERE id = ANY (${ids}::uuid[])`)
    )
    return new Map(rows.map(({ id, openings }) => [id, openings]))
  })

  const addressesOf = Effect.fnUntraced(function* (accounts: ReadonlyArray<AccountId>) {
    if (accounts.length === 0) return new Map<AccountId, ReadonlyArray<string>>()
    const rows = yield* addressRows(
      long(sql`
        SELECT account_id, address FROM tbg_api.account_addresses WHERE account_id = ANY (${accounts}::uuid[])
        ORDER BY created_at, address`)
    )
    const groups = Map.groupBy(rows, ({ account_id }) => account_id)
    return new Map(accounts.map((id) => [id, (groups.get(id) ?? []).map(({ address }) => address)]))
  })

  /** Checks all streams with four statements. */
  const check = Effect.gen(function* () {
    const streams = yield* hub.streams
    if (streams.length === 0) return
    const live = yield* liveSessions(distinct(streams.map(({ session }) => session?.sessionId)))
    const openings = yield* openingsOf(distinct(streams.map(({ ticket }) => ticket?.id)))
    const addresses = yield* addressesOf(distinct(streams.map(({ session }) => session?.accountId)))
    const hidden = yield* Effect.provideService(
      hiddenOf(distinct(streams.flatMap(({ miners }) => miners))),
      Viewer,
      undefined
    )
    const reasonToEnd = ({ miners, session, ticket }: OpenStream): ByeReason | undefined => {
      if (session !== undefined && !live.has(session.sessionId)) return "session_ended"
      if (ticket !== undefined && (openings.get(ticket.id) ?? 0) > ticket.opening) return "replaced"
      const own = session === undefined ? [] : (addresses.get(session.accountId) ?? [])
      return miners.some((address) => hidden.has(address) && !own.includes(address)) ? "hidden" : undefined
    }
    yield* Effect.forEach(
      streams,
      Effect.fnUntraced(function* (stream) {
        const reason = reasonToEnd(stream)
        if (reason !== undefined) return yield* hub.end(stream.id, reason)
        if (stream.session === undefined) return
        const own = addresses.get(stream.session.accountId) ?? []
        const isSame = own.length === stream.own.length && own.every((address) => stream.own.includes(address))
        if (!isSame) yield* hub.setOwn(stream.id, own)
      }),
      { discard: true }
    )
  })

  yield* check.pipe(
    // Other parts of the service log an outage.
    Effect.catchCause((cause) => Effect.logDebug("open streams not checked; retrying", cause)),
    Effect.withSpan("StreamChecks.check"),
    Effect.repeat(Schedule.spaced(interval)),
    inBackground
  )
})

/**
 * Ends streams whose session ended, whose ticket opened another stream, or that follow a miner that was hidden. Updates
 * the addresses of the callers' accounts.
 */
export const checkStreams = (interval: Duration.Input) => Layer.effectDiscard(make(interval))
