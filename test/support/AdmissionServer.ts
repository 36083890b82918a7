import { assert } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import type { Answer, Ask, Policy } from "../../src/domain/RateLimit.ts"
import { admissionScript } from "../../src/layers/redis/AdmissionScript.ts"
import { makeAdmissions } from "../../src/layers/redis/Admissions.ts"
import { makeRedisClient } from "../../src/layers/redis/Client.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"

export const keyPrefix = "tbg:limit:"

export const policyOf = (limit: number, windowMicros: number): Policy => ({ name: "test", limit, windowMicros })

/** The script's call for the time. */
const asksForTime = "redis.call('TIME')"

/** The script with the time in its last two arguments: seconds, and microseconds of the second. */
const timedScript = () => {
  const parts = admissionScript.split(asksForTime)
  assert.strictEqual(parts.length, 2, "the script asks for the time once")
  return parts.join("{ ARGV[#ARGV - 1], ARGV[#ARGV] }")
}

const numbersOf = (reply: unknown): ReadonlyArray<number> => (Array.isArray(reply) ? reply.map(Number) : [])

/** A separate server, and stores over connections to it. */
export const admissionServer = Effect.fnUntraced(function* () {
  const server = yield* throwawayRedis()
  const { host, port } = server
  const target = {
    _tag: "Single",
    host,
    port,
    number: 0,
    username: "",
    password: Redacted.make(""),
    tls: false
  } as const

  /** The service's store on the server's own clock; commands fail after `timeoutMs`. */
  const connected = ({ timeoutMicros, timeoutMs }: { readonly timeoutMicros: number; readonly timeoutMs: number }) =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        const client = makeRedisClient(target, timeoutMs)
        // A test may stop the server.
        client.on("error", () => {})
        const store = makeAdmissions(client, timeoutMicros)
        await client.connect()
        // A response to the store's own calls may follow.
        await client.ping()
        return { client, store }
      }),
      ({ client }) => Effect.sync(() => client.disconnect())
    )
  const { client, store } = yield* connected({ timeoutMicros: 20_000_000, timeoutMs: 20_000 })
  const script = timedScript()
  const digest = String(yield* Effect.promise(() => client.script("LOAD", script)))

  /** The script with an explicit time in microseconds; checks that its key expires with its newest entry. */
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
    /** A store whose calls have no deadline. */
    store,
    /** Exact size in bytes, without sampling. */
    memoryOf: (key: string) => number("MEMORY", "USAGE", keyPrefix + key, "SAMPLES", "0"),
    /** Expiry in milliseconds. */
    expiryOf: (key: string) => number("PEXPIRETIME", keyPrefix + key),
    keys: number("DBSIZE"),
    /** Number of calls of a command since the last `CONFIG RESETSTAT`. */
    callsOf: (command: string) =>
      Effect.map(
        Effect.promise(() => client.info("commandstats")),
        (text) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0)
      )
  }
})

/** One server for the tests of a file; each test has its own keys. */
export class AdmissionServer extends Context.Service<
  AdmissionServer,
  Effect.Success<ReturnType<typeof admissionServer>>
>()("tbg-api/test/AdmissionServer") {
  static readonly layer = Layer.effect(AdmissionServer, admissionServer())
}
