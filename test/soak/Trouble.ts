import { Effect, Schedule } from "effect"
import * as ofDatabase from "../faults/DatabaseCauses.ts"
import * as ofRedis from "../faults/RedisCauses.ts"
import type { Cause, DatabaseWay, PostgresServer, RedisServer, RedisWay } from "../faults/Servers.ts"
import { get } from "../support/Http.ts"

type Servers = DatabaseWay | PostgresServer | RedisServer | RedisWay

const known: ReadonlyMap<string, Cause<Servers>> = new Map(
  [...Object.values(ofDatabase), ...Object.values(ofRedis)].flatMap((causes): Array<[string, Cause<Servers>]> =>
    Object.entries(causes)
  )
)

/** Those after which callers and the service have something to make up for. */
const names = [
  "Postgres is killed",
  "the network to Redis resets connections",
  "every session is terminated",
  "Redis is killed",
  "the network to Postgres resets connections",
  "Postgres is restarted",
  "Redis is restarted",
  "replies of Postgres are cut off"
]
const causes = names.map((name) => [name, known.get(name)] as const)

/** What a fault left behind. */
export interface Recovery {
  readonly cause: string
  /** From the end of the cause until /ready has nothing to say; ten seconds stand for never. */
  readonly milliseconds: number
}

const lasting = "1500 millis"
const calm = "3 seconds"

const sound = (url: string) =>
  get(`${url}/ready`).pipe(
    Effect.filterOrFail(({ body, status }) => status === 200 && Object(body).status === "ready"),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeoutOption("10 seconds")
  )

/** One fault after the other, with some calm after each, over and over; it ends by being interrupted. */
export const trouble = (url: string, recoveries: Array<Recovery>) =>
  Effect.forever(
    Effect.forEach(
      causes,
      Effect.fnUntraced(function* ([cause, known]) {
        const { begin, end } = yield* Effect.fromNullishOr(known)
        yield* Effect.sleep(calm)
        // A fault that has begun is ended, or what follows would be held against a service without its servers.
        yield* Effect.uninterruptible(
          Effect.gen(function* () {
            yield* begin
            yield* Effect.sleep(end === undefined ? 0 : lasting)
            if (end !== undefined) yield* end
            const ended = performance.now()
            yield* sound(url)
            recoveries.push({ cause, milliseconds: Math.round(performance.now() - ended) })
          })
        )
      }),
      { discard: true }
    )
  ).pipe(Effect.orDie)
