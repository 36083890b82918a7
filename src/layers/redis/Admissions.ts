import { Effect, Option, Tracer } from "effect"
import { default as calculateSlot } from "cluster-key-slot"
import { Cluster } from "ioredis"
import { createHash, randomUUID } from "node:crypto"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Answer, Ask, SharedStore } from "../../domain/RateLimit.ts"
import { admissionScript } from "./AdmissionScript.ts"
import type { RedisClient } from "./Client.ts"
import { redisDown } from "./Fault.ts"
import { untimed } from "./RedisMetrics.ts"
import type { Timed } from "./RedisMetrics.ts"

/** Runs a script call for `keys` keys in a span, if there is a trace. */
const traced = <A, E>(keys: number, call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (parent) =>
    Option.isNone(parent)
      ? call
      : Effect.withSpan(call, "EVALSHA", {
          kind: "client",
          attributes: { "db.system.name": "redis", "db.operation.name": "EVALSHA", "db.operation.batch.size": keys }
        })
  )

const digest = createHash("sha1").update(admissionScript).digest("hex")

const keyPrefix = "tbg:limit:"
const fieldsOfAnswer = 4
/** Policy that admits every probe, so that each probe writes. */
const trialPolicy = { name: "probe", limit: 1_000_000, windowMicros: 1000 }
/** Maximum drift rate between two clocks. The drift between two replies is negligible. */
const maxDrift = 0.001
/** Maximum number of keys in one call. Redis serves no other client during a call. */
const maxKeys = 200

/** Runs the script; sends its text if the server does not have it, for example after a restart. */
const run = async (
  client: RedisClient,
  timed: Timed,
  keys: number,
  parts: ReadonlyArray<string | number>
): Promise<unknown> => {
  try {
    return await timed("evalsha", () => client.evalsha(digest, keys, ...parts))
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error
    return await timed("eval", () => client.eval(admissionScript, keys, ...parts))
  }
}

/** Arguments of the script, grouped into runs of one policy. */
const argumentsOf = (asks: ReadonlyArray<Ask>): ReadonlyArray<number> => {
  const numbers: Array<number> = []
  let lengthAt = 0
  asks.forEach(({ count, policy }, index) => {
    if (policy !== asks[index - 1]?.policy) {
      lengthAt = numbers.push(policy.limit, policy.windowMicros, 0) - 1
    }
    numbers[lengthAt] = (numbers[lengthAt] ?? 0) + 1
    numbers.push(count)
  })
  return numbers
}

const answersOf = (numbers: ReadonlyArray<number>, count: number): ReadonlyArray<Answer> =>
  Array.from({ length: count }, (_, index) => {
    const at = 1 + index * fieldsOfAnswer
    const [used = 0, admitted = 0, resetMicros = 0, retryMicros = 0] = numbers.slice(at, at + fieldsOfAnswer)
    return { used, admitted, resetMicros, retryMicros }
  })

export interface Admissions extends SharedStore {
  /** Counts like a check, without a deadline, under a key of this process that expires immediately. */
  readonly tryCounting: Effect.Effect<void, DependencyDown>
}

/** Admissions counted in Redis, for callers that wait at most `timeoutMicros` for a call. */
export const makeAdmissions = (client: RedisClient, timeoutMicros: number, timed: Timed = untimed): Admissions => {
  const isCluster = client instanceof Cluster
  // Offset of the server's clock from the local one. Replies arrive late, so the largest estimate is the most accurate.
  // A Cluster has one clock per node, so its calls have no deadline.
  let offset: number | undefined
  let measuredAt = 0
  const localMicros = () => Math.floor(performance.now() * 1000)

  const updateOffset = (clock: number): void => {
    const now = localMicros()
    const measured = clock - now
    // A much smaller value is not a late reply: the server's clock was set back.
    const expected = offset === undefined ? measured : offset - (now - measuredAt) * maxDrift
    offset = measured < expected - 10 * timeoutMicros ? measured : Math.max(measured, expected)
    measuredAt = now
  }

  const readClock = async (): Promise<void> => {
    const [seconds = 0, micros = 0] = (await timed("time", () => client.time())).map(Number)
    updateOffset(seconds * 1_000_000 + micros)
  }
  // Without this, the first call would have no deadline, and Redis would count it even if it ran too late. If reading
  // the clock fails, the first answer provides the time.
  client.on("ready", () => void readClock().catch(() => {}))

  const trialKey = `${keyPrefix}probe:${randomUUID()}`
  const trial = [trialKey, 0, ...argumentsOf([{ key: trialKey, policy: trialPolicy, count: 1 }])]

  const send = (asks: ReadonlyArray<Ask>): Promise<unknown> => {
    const keys = asks.map(({ key }) => keyPrefix + key)
    const deadline = isCluster || offset === undefined ? 0 : localMicros() + offset + timeoutMicros
    return run(client, timed, keys.length, [...keys, deadline, ...argumentsOf(asks)])
  }

  const answersIn = (reply: unknown, count: number): Effect.Effect<ReadonlyArray<Answer>, DependencyDown> => {
    const numbers = Array.isArray(reply) ? reply.map(Number) : []
    const [clock] = numbers
    const isTooLate = numbers.length === 1
    const isWhole = isTooLate || numbers.length === 1 + count * fieldsOfAnswer
    if (clock === undefined || !isWhole || !numbers.every(Number.isFinite)) {
      return Effect.fail(new DependencyDown({ fault: "failed" }))
    }
    updateOffset(clock)
    return isTooLate ? Effect.fail(new DependencyDown({ fault: "timeout" })) : Effect.succeed(answersOf(numbers, count))
  }

  return {
    ask: (asks) =>
      traced(
        asks.length,
        Effect.flatMap(Effect.tryPromise({ try: () => send(asks), catch: redisDown }), (reply) =>
          answersIn(reply, asks.length)
        )
      ),
    tryCounting: Effect.asVoid(Effect.tryPromise({ try: () => run(client, timed, 1, trial), catch: redisDown })),
    // A script runs on one node, and each key may be on a different node.
    keysPerCall: isCluster ? 1 : maxKeys,
    nodeOf: (key) => (isCluster ? (client.slots[calculateSlot(keyPrefix + key)]?.[0] ?? "") : ""),
    probeKey: (key) => `probe:{${keyPrefix}${key}}`,
    reset: (key) =>
      Effect.asVoid(Effect.tryPromise({ try: () => timed("del", () => client.del(keyPrefix + key)), catch: redisDown }))
  }
}
