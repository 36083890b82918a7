import { Effect } from "effect"
import { default as calculateSlot } from "cluster-key-slot"
import { Cluster } from "ioredis"
import { createHash, randomUUID } from "node:crypto"
import { DependencyDown } from "../../domain/Dependency.ts"
import type { Answer, Ask, SharedStore } from "../../domain/RateLimit.ts"
import { admissionScript } from "./AdmissionScript.ts"
import type { RedisClient } from "./Client.ts"
import { redisDown } from "./Fault.ts"
import { untimed } from "./Metrics.ts"
import type { Timed } from "./Metrics.ts"
import { traced } from "./Tracing.ts"

const digest = createHash("sha1").update(admissionScript).digest("hex")

const keyPrefix = "tbg:limit:"
const fieldsOfAnswer = 4
/** Admits every probe, so that every probe writes. */
const trialPolicy = { name: "probe", limit: 1_000_000, windowMicros: 1000 }
/** More than clocks drift apart, and little enough not to matter between two replies. */
const drift = 0.001
/** How many keys one call may hold Redis up with. */
const manyKeys = 200

/** A server that was restarted has forgotten the script. */
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

/** What the script reads of each ask, as runs of one policy. */
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

const answersOf = (numbers: ReadonlyArray<number>, wanted: number): ReadonlyArray<Answer> =>
  Array.from({ length: wanted }, (_, index) => {
    const at = 1 + index * fieldsOfAnswer
    const [used = 0, admitted = 0, resetMicros = 0, retryMicros = 0] = numbers.slice(at, at + fieldsOfAnswer)
    return { used, admitted, resetMicros, retryMicros }
  })

export interface Admissions extends SharedStore {
  /** Counts like a check, without a deadline, under a key of this process that expires at once. */
  readonly tryCounting: Effect.Effect<void, DependencyDown>
}

/** The limiter's counts in Redis, for callers who wait no longer than `patienceMicros` for a call. */
export const makeAdmissions = (client: RedisClient, patienceMicros: number, timed: Timed = untimed): Admissions => {
  const isCluster = client instanceof Cluster
  // How far the server's clock is ahead of ours. A reply is read after it was sent, so the largest is the nearest. A
  // Cluster has as many clocks as nodes, and gets no deadline.
  let ahead: number | undefined
  let learnedAt = 0
  const local = () => Math.floor(performance.now() * 1000)

  const learn = (clock: number): void => {
    const now = local()
    const seen = clock - now
    // What is known wears off, as clocks drift; much less than it is no late reply, but a clock that was put back.
    const worn = ahead === undefined ? seen : ahead - (now - learnedAt) * drift
    ahead = seen < worn - 10 * patienceMicros ? seen : Math.max(seen, worn)
    learnedAt = now
  }

  const learnNow = async (): Promise<void> => {
    const [seconds = 0, micros = 0] = (await timed("time", () => client.time())).map(Number)
    learn(seconds * 1_000_000 + micros)
  }
  // Before anybody asks: a first call without a deadline would be counted even if Redis came to it too late. Where this
  // fails, the first answer tells the time as well.
  client.on("ready", () => void learnNow().catch(() => {}))

  const trialKey = `${keyPrefix}probe:${randomUUID()}`
  const trial = [trialKey, 0, ...argumentsOf([{ key: trialKey, policy: trialPolicy, count: 1 }])]

  const send = (asks: ReadonlyArray<Ask>): Promise<unknown> => {
    const keys = asks.map(({ key }) => keyPrefix + key)
    const deadline = isCluster || ahead === undefined ? 0 : local() + ahead + patienceMicros
    return run(client, timed, keys.length, [...keys, deadline, ...argumentsOf(asks)])
  }

  const read = (reply: unknown, wanted: number): Effect.Effect<ReadonlyArray<Answer>, DependencyDown> => {
    const numbers = Array.isArray(reply) ? reply.map(Number) : []
    const [clock] = numbers
    const isTooLate = numbers.length === 1
    const isWhole = isTooLate || numbers.length === 1 + wanted * fieldsOfAnswer
    if (clock === undefined || !isWhole || !numbers.every(Number.isFinite)) {
      return Effect.fail(new DependencyDown({ fault: "failed" }))
    }
    learn(clock)
    return isTooLate
      ? Effect.fail(new DependencyDown({ fault: "timeout" }))
      : Effect.succeed(answersOf(numbers, wanted))
  }

  return {
    ask: (asks) =>
      traced(
        asks.length,
        Effect.flatMap(Effect.tryPromise({ try: () => send(asks), catch: redisDown }), (reply) =>
          read(reply, asks.length)
        )
      ),
    tryCounting: Effect.asVoid(Effect.tryPromise({ try: () => run(client, timed, 1, trial), catch: redisDown })),
    // A script runs on one node, and each key may be on another.
    together: isCluster ? 1 : manyKeys,
    nodeOf: (key) => (isCluster ? (client.slots[calculateSlot(keyPrefix + key)]?.[0] ?? "") : ""),
    probeKey: (key) => `probe:{${keyPrefix}${key}}`,
    forget: (key) =>
      Effect.asVoid(Effect.tryPromise({ try: () => timed("del", () => client.del(keyPrefix + key)), catch: redisDown }))
  }
}
