import { assert } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import type { Answer, Ask, Policy } from "../../src/domain/RateLimit.ts"
import { admissionScript } from "../../src/layers/redis/AdmissionScript.ts"
import { makeAdmissions } from "../../src/layers/redis/Admissions.ts"
import { makeRedisClient } from "../../src/layers/redis/Client.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"

export const keyPrefix = "tbg:limit:"

export const policyOf = (limit: number, windowMicros: number): Policy => ({ name: "test", limit, windowMicros })

/** Where the script asks what time it is. */
const asksForTime = "redis.call('TIME')"

/** The script as it is, but told the time by its last two arguments: seconds, and microseconds of the second. */
const timedScript = () => {
  const parts = admissionScript.split(asksForTime)
  assert.strictEqual(parts.length, 2, "the script asks for the time once")
  return parts.join("{ ARGV[#ARGV - 1], ARGV[#ARGV] }")
}

const numbersOf = (reply: unknown): ReadonlyArray<number> => (Array.isArray(reply) ? reply.map(Number) : [])

/** A server of the test's own, and stores over connections to it. */
export const admissionServer = Effect.fnUntraced(function* () {
  const server = yield* throwawayRedis()
  const { host, port, url } = server

  /** As the service has it, on the server's own clock; commands fail after `timeoutMs`. */
  const connected = ({ patienceMicros, timeoutMs }: { readonly patienceMicros: number; readonly timeoutMs: number }) =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        const client = makeRedisClient({ _tag: "Single", url: Redacted.make(url), tls: false, host, port }, timeoutMs)
        // A server that a test ends is no surprise.
        client.on("error", () => {})
        const store = makeAdmissions(client, patienceMicros)
        await client.connect()
        // An answer after that to what the store has asked by itself.
        await client.ping()
        return { client, store }
      }),
      ({ client }) => Effect.sync(() => client.disconnect())
    )
  const { client, store } = yield* connected({ patienceMicros: 20_000_000, timeoutMs: 20_000 })
  const script = timedScript()
  const digest = String(yield* Effect.promise(() => client.script("LOAD", script)))

  /** The script, told the time in microseconds; proves that its key goes away when its newest entry does. */
  const askAt = ({ count, key, policy }: Ask, now: number): Effect.Effect<Answer> =>
    Effect.promise(async () => {
      const { limit, windowMicros } = policy
      const name = keyPrefix + key
      const seconds = Math.floor(now / 1_000_000)
      const args = [0, limit, windowMicros, 1, count, seconds, now % 1_000_000]
      const [reply, newest, expiry] = await Promise.all([
        client.evalsha(digest, 1, name, ...args),
        client.lindex(name, 0),
        client.call("PEXPIRETIME", name)
      ])
      const [clock, used = 0, admitted = 0, resetMicros = 0, retryMicros = 0, ...more] = numbersOf(reply)
      assert.deepStrictEqual({ clock, more }, { clock: now, more: [] })
      assert.strictEqual(Number(expiry), newest === null ? -2 : Math.ceil((Number(newest) + windowMicros) / 1000))
      return { used, admitted, resetMicros, retryMicros }
    })

  const number = (...[command, ...args]: readonly [string, ...Array<string>]) =>
    Effect.map(
      Effect.promise(() => client.call(command, ...args)),
      Number
    )

  return {
    ...server,
    client,
    connected,
    askAt,
    /** One whose callers have all the time in the world. */
    store,
    /** Bytes, of all of it: no samples. */
    memoryOf: (key: string) => number("MEMORY", "USAGE", keyPrefix + key, "SAMPLES", "0"),
    /** The millisecond at which it goes away. */
    expiryOf: (key: string) => number("PEXPIRETIME", keyPrefix + key),
    keys: number("DBSIZE"),
    /** How often a command ran since the last `CONFIG RESETSTAT`. */
    callsOf: (command: string) =>
      Effect.map(
        Effect.promise(() => client.info("commandstats")),
        (text) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0)
      )
  }
})

/** One server for the tests of a file, each of which has keys of its own. */
export class AdmissionServer extends Context.Service<
  AdmissionServer,
  Effect.Success<ReturnType<typeof admissionServer>>
>()("tbg-api/test/AdmissionServer") {
  static readonly layer = Layer.effect(AdmissionServer, admissionServer())
}
