import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Fiber, Schedule, Schema } from "effect"
import { get } from "../support/Http.ts"
import { checkIntervalMs, haproxy, loadBalancer } from "../support/LoadBalancer.ts"
import { liveReplicas, networkEvent } from "../support/live/LiveReplicas.ts"
import { streamClient } from "../support/live/StreamClient.ts"
import { steadyCaller } from "../support/SteadyCaller.ts"

/** Number of rounds; `make test-long` sets it. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)
const longest = 1_800_000

/** A short run, and one with as many clients as a core can serve. Both send 1,000 events a second. */
const loads = {
  short: { clients: 100, eventMs: 100, intervalMs: checkIntervalMs },
  long: { clients: 1000, eventMs: 1000, intervalMs: 500 }
}
const fifths = [0, 1, 2, 3, 4]

const decodeSnapshot = Schema.decodeUnknownEffect(Schema.Struct({ cursor: Schema.String }))

const reason = haproxy.isMissing ? ` (skipped without ${haproxy.reason})` : ""

describe.skipIf(haproxy.isMissing)(`rolling restart of two replicas with live streams behind HAProxy${reason}`, () => {
  it.live(
    "loses and repeats no event, spreads the reconnects over the drain, and fails no other request",
    () =>
      Effect.gen(function* () {
        const rounds = yield* repetitions
        const load = rounds === 1 ? loads.short : loads.long
        // More than twice the load balancer's detection time, as its configuration requires.
        const drainMs = load.intervalMs * 10
        const replicas = yield* liveReplicas({ TBG_SHUTDOWN_DELAY_MS: String(drainMs) })
        const balancer = yield* loadBalancer(replicas.ports, load.intervalMs)
        const bothActive = balancer.active.pipe(
          Effect.repeat({ schedule: Schedule.spaced("20 millis"), until: (active) => active === 2 }),
          Effect.timeout("30 seconds")
        )
        yield* bothActive
        const snapshot = yield* get(`http://127.0.0.1:${balancer.port}/api/v1/live/snapshot?topics=network`)
        const { cursor } = yield* decodeSnapshot(snapshot.body)
        const clients = yield* Effect.forEach(Array.from({ length: load.clients }).keys(), (index) =>
          streamClient({
            port: balancer.port,
            // A client address may have 20 streams.
            localAddress: `127.0.1.${1 + (index % 250)}`,
            path: `/api/v1/live?topics=network&cursor=${cursor}`
          })
        )
        const calling = yield* Effect.forEach([true, false], (keepsAlive) =>
          steadyCaller({
            port: balancer.port,
            method: "GET",
            path: "/api/v1/pool",
            keepsAlive,
            key: Effect.succeed("none"),
            requestsPerKey: Number.POSITIVE_INFINITY
          })
        )
        let height = 0
        const publishing = yield* Effect.suspend(() => replicas.publish(networkEvent(++height))).pipe(
          Effect.repeat(Schedule.spaced(load.eventMs)),
          Effect.forkScoped
        )
        /** Waits until every client has the events up to one. */
        const untilAll = (last: number) =>
          Effect.sync(() => clients.every(({ heights }) => (heights.at(-1) ?? 0) >= last)).pipe(
            Effect.repeat({ schedule: Schedule.spaced("50 millis"), until: (done) => done }),
            Effect.timeout("30 seconds")
          )
        yield* untilAll(1)

        for (let round = 0; round < rounds; round++) {
          for (const index of [0, 1]) {
            const before = clients.map(({ waits }) => waits.length)
            yield* replicas.restart(index)
            yield* bothActive
            const waits = clients.flatMap((client, place) => client.waits.slice(before[place]))
            for (const fifth of fifths) {
              const share = waits.filter((wait) => Math.ceil((wait / drainMs) * 5) - 1 === fifth).length / waits.length
              assert.isTrue(share > 0.05 && share < 0.4, `${share} of ${waits.length} reconnects in fifth ${fifth}`)
            }
          }
        }

        yield* Fiber.interrupt(publishing)
        // The assertions below show which events are missing.
        yield* Effect.ignore(untilAll(height))
        const published = yield* replicas.published
        const expected = published.map((event) => Object(event).height)
        for (const { heights, problems } of clients) {
          assert.deepStrictEqual(problems, [])
          assert.deepStrictEqual(heights, expected)
        }
        const answers = yield* Effect.all(calling)
        assert.deepStrictEqual(
          answers.flatMap(({ failures }) => failures),
          []
        )
        const statuses = answers.flatMap(({ keys }) => keys.flat()).map(({ status }) => status)
        assert.deepStrictEqual([...new Set(statuses)], [200])
        yield* Effect.log(`${clients.length} clients, ${expected.length} events each, ${statuses.length} requests`)
      }),
    longest
  )
})
