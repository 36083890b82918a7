import { assert } from "@effect/vitest"
import { Effect, Redacted, Ref, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { arrivalOf } from "../../../src/domain/mining/StreamEntry.ts"
import { runningProgram } from "../RunningProgram.ts"
import type { RunningProgram } from "../RunningProgram.ts"
import { freshDatabaseOn, testClient } from "../TestDatabase.ts"
import { programResult } from "../TestProcess.ts"
import { durable, throwawayPostgresWith } from "../ThrowawayPostgres.ts"
import { throwawayRedis } from "../ThrowawayRedis.ts"

const poll = Schedule.spaced("100 millis")

const State = Schema.Struct({
  /** Term of the lease that is valid now. */
  term: Schema.NullOr(Schema.String),
  /** Number of counted shares. */
  counted: Schema.Int,
  openGaps: Schema.Int,
  /** Number of gaps that Redis left when it lost entries. */
  losses: Schema.Int,
  /** Last processed entry of the shares. */
  position: Schema.NullOr(Schema.String)
})
const decodeState = Schema.decodeUnknownEffect(Schema.Tuple([State]))

const stateOf = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT (SELECT term::text FROM tbg_api.mining_state WHERE expires_at > clock_timestamp()) AS term,
      (SELECT coalesce(sum(shares), 0)::int FROM tbg_api.mining_pool WHERE step = 86400) AS counted,
      (SELECT count(*)::int FROM tbg_api.mining_gaps WHERE finished_at IS NULL) AS "openGaps",
      (SELECT count(*)::int FROM tbg_api.mining_gaps WHERE reason IN ('reset', 'trimmed')) AS losses,
      (SELECT entry FROM tbg_api.mining_streams WHERE stream = 'mining:share_submitted') AS position`
  const [state] = yield* decodeState(rows)
  return state
})

/** Whether the process announced that it leads a term. */
const announces = (output: string, term: string) =>
  output.split("\n").some((line) => line.includes("leading the mining projection") && line.includes(`"${term}"`))

/** A durable Postgres, Redis, a simulator and two projections, each of which can be killed, frozen and restarted. */
export const faultyPool = Effect.fnUntraced(function* ({
  miners,
  rate
}: {
  readonly miners: number
  readonly rate: number
}) {
  const postgres = yield* throwawayPostgresWith({ settings: durable })
  const { url } = yield* freshDatabaseOn(postgres.url)
  const redis = yield* throwawayRedis({ keepsData: true })
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_BITCOIN_NETWORK: "signet"
  }
  const migrated = yield* programResult(["migrate", "up"], variables)
  assert.strictEqual(migrated.code, 0, migrated.stderr)
  const client = testClient(url)
  const asked = <A, E>(question: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(question, client)
  const simulator = yield* runningProgram(
    ["simulate", "--miners", String(miners), "--rate", String(rate), "--faults", "duplicates,reordered"],
    variables
  )
  const project = runningProgram(["mining", "project"], variables)
  const processes = yield* Ref.make<ReadonlyArray<RunningProgram>>([yield* project, yield* project])
  const state = Effect.retry(asked(stateOf), poll)

  /** Waits for a state. */
  const until = (isReached: (current: typeof State.Type) => boolean) =>
    Effect.repeat(state, { until: isReached, schedule: poll })
  const progress = Effect.fnUntraced(function* (more: number) {
    const { counted } = yield* state
    yield* until((current) => current.counted >= counted + more)
  })

  const leader = Effect.gen(function* () {
    const { term } = yield* state
    const outputs = yield* Effect.forEach(yield* Ref.get(processes), (process) =>
      Effect.map(process.output, (output) => ({ process, isLeading: term !== null && announces(output, term) }))
    )
    return { term, process: outputs.find(({ isLeading }) => isLeading)?.process }
  })
  /** The leading process, and a wait until another leads. */
  const leading = Effect.gen(function* () {
    // A leader announces its term a moment after it took the lease.
    const { process, term } = yield* Effect.repeat(leader, {
      until: ({ process }) => process !== undefined,
      schedule: poll
    })
    if (process === undefined) return yield* Effect.die(`no process leads term ${term}`)
    return { process, replaced: until((current) => current.term !== null && current.term !== term) }
  })
  const replace = Effect.fnUntraced(function* (killed: RunningProgram) {
    yield* killed.signal("SIGKILL")
    const successor = yield* project
    yield* Ref.update(processes, (all) => [...all.filter((process) => process !== killed), successor])
  })
  const signalAll = (signal: NodeJS.Signals) =>
    Effect.flatMap(
      Ref.get(processes),
      Effect.forEach((process) => process.signal(signal), { discard: true })
    )

  const streams = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(redis.url, { replyMapping: "legacy" })),
    (streams) => Effect.sync(() => streams.disconnect())
  )
  streams.on("error", () => {})
  const newest = Effect.promise(() => streams.xrevrange("mining:share_submitted", "+", "-", "COUNT", 1)).pipe(
    Effect.map(([entry]) => entry?.[0] ?? "0-0")
  )
  /** Waits until the stream has another second of shares. */
  const unread = Effect.gen(function* () {
    const before = arrivalOf(yield* newest)
    yield* Effect.repeat(newest, { until: (id) => arrivalOf(id) >= before + 1_000_000, schedule: poll })
  })
  /** Loses all entries and restarts. */
  const loseStreams = Effect.andThen(
    Effect.promise(() => streams.flushall()),
    redis.restart
  )
  /** Waits until each entry is processed and each gap is refilled. */
  const settled = Effect.gen(function* () {
    const last = yield* newest
    yield* until(({ openGaps, position }) => openGaps === 0 && position === last)
  })
  return {
    postgres,
    redis,
    loseStreams,
    simulator,
    state,
    until,
    asked,
    progress,
    leading,
    replace,
    signalAll,
    unread,
    settled
  }
})
