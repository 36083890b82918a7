import { randomUUID } from "node:crypto"
import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Config, Effect, Layer, Schedule, Schema } from "effect"
import { recoveryMs, sound } from "./Fault.ts"
import type { Fault } from "./Fault.ts"
import { problemsOf, round } from "./Round.ts"
import type { Write } from "./Round.ts"
import type { Cause, Servers } from "./Servers.ts"
import { Subject } from "./Subject.ts"

/** Repetitions of tests that fail only occasionally; `make test-long` sets it. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)
export const longest = 600_000

export const repeated = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.orDie(repetitions), (times) => Effect.repeat(effect, { times: times - 1 }))

/** Rounds of requests during a fault: the first immediately, the next after it is answered. */
const rounds = 2

const within = (milliseconds: number) => Schedule.upTo(Schedule.spaced("50 millis"), { duration: milliseconds })

class NotHealthy extends Schema.TaggedError<NotHealthy>()("NotHealthy", { problems: Schema.Array(Schema.String) }) {}

/** Whether the limiter counts in Redis. */
const isShared = (metrics: string) => /^tbg_rate_limit_breaker_open 0$/m.test(metrics)

/** Polls until everything is as without a fault; returns the writes of these rounds. */
const healthy = Effect.fnUntraced(function* (prefix: string) {
  const { get } = yield* Subject
  const writes: Array<Write> = []
  const attempt = Effect.gen(function* () {
    const asked = yield* round(prefix)
    writes.push(...asked.writes)
    const metrics = yield* get("/metrics")
    const problems = [
      ...problemsOf(asked, sound),
      ...(isShared(metrics.text) ? [] : ["the limiter counts in the process"])
    ]
    if (problems.length > 0) return yield* new NotHealthy({ problems })
  })
  yield* Effect.retry(attempt, within(recoveryMs)).pipe(
    Effect.catch(({ problems }) =>
      Effect.sync(() => assert.deepStrictEqual(problems, [], `not sound within ${recoveryMs} ms`))
    )
  )
  return writes
})

/** Retries a keyed write while it conflicts with its first attempt. */
const writtenAgain = Effect.fnUntraced(function* ({ content, key }: Write) {
  const { write } = yield* Subject
  const { status } = yield* Effect.repeat(write(content, key), {
    while: ({ status }) => status === 409,
    schedule: within(recoveryMs)
  })
  return status
})

/**
 * Checks that every acknowledged write is stored once, every other at most once, and every keyed write once after a
 * retry.
 */
const accounted = Effect.fnUntraced(function* (prefix: string, writes: ReadonlyArray<Write>) {
  const { rows } = yield* Subject
  const unanswered = writes.filter(({ key, status }) => key !== undefined && status !== 201)
  const statuses = yield* Effect.forEach(unanswered, writtenAgain, { concurrency: "unbounded" })
  assert.isEmpty(statuses.filter((status) => status !== 201))
  const found = yield* rows(prefix)
  const acknowledged = writes.filter(({ key, status }) => key !== undefined || status === 201)
  assert.lengthOf(new Set(found), found.length, "a write is there twice")
  const lost = acknowledged.filter(({ content }) => !found.includes(content))
  assert.deepStrictEqual(lost, [], "an acknowledged write is lost")
})

/** Runs a row once: healthy before, as expected during the fault, and healthy in time after it, without a restart. */
export const verified = Effect.fnUntraced(function* <R>(fault: Fault, cause: Cause<R>) {
  const prefix = `${randomUUID()}.`
  const before = yield* healthy(prefix)
  // A cause without an end is over at once, so it is repeated for each round.
  const isMomentary = cause.end === undefined
  yield* isMomentary ? Effect.void : cause.begin
  const seen = yield* Effect.forEach(Array.from({ length: rounds }), () =>
    Effect.andThen(isMomentary ? cause.begin : Effect.void, round(prefix))
  ).pipe(Effect.ensuring(Effect.orDie(cause.end ?? Effect.void)))
  assert.deepStrictEqual(
    seen.map((asked) => problemsOf(asked, fault.expected)),
    seen.map(() => [])
  )
  const after = yield* healthy(prefix)
  yield* accounted(prefix, [...before, ...seen.flatMap(({ writes }) => writes), ...after])
})

/** Adds one test per row. */
const rows = <R, Name extends string>(
  it: Vitest.MethodsNonLive<R>,
  faults: Readonly<Record<Name, Fault>>,
  test: (name: Name) => Effect.Effect<void, unknown, R>
): void => {
  for (const name of Object.keys(faults).filter((key): key is Name => key in faults)) {
    it.effect(name, () => repeated(test(name)), longest)
  }
}

/** One test per row, all on the same process, in sequence. */
export const verify = <Name extends string>(
  it: Vitest.MethodsNonLive<Servers | Subject>,
  faults: Readonly<Record<Name, Fault>>,
  causes: Readonly<Record<Name, Cause<Servers>>>
): void => rows(it, faults, (name) => verified(faults[name], causes[name]))

/** One test per row, each on its own process, because the limiter remembers earlier failures of Redis. */
export const verifyAnew = <Name extends string>(
  it: Vitest.MethodsNonLive<Servers>,
  faults: Readonly<Record<Name, Fault>>,
  causes: Readonly<Record<Name, Cause<Servers>>>
): void => rows(it, faults, (name) => Effect.provide(verified(faults[name], causes[name]), Layer.fresh(Subject.layer)))
