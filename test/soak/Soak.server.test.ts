import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Fiber, Schedule } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { servers } from "../faults/Servers.ts"
import { emptyJournal, mismatches } from "./Journal.ts"
import { load, workers } from "./Load.ts"
import { memoryGrowth, reading } from "./Readings.ts"
import type { Reading } from "./Readings.ts"
import { service, settings } from "./Service.ts"
import { trouble } from "./Trouble.ts"
import type { Recovery } from "./Trouble.ts"

/** `make soak` sets thirty; without the variable, the file is not run. */
const minutes = Effect.runSync(Effect.orDie(Config.withDefault(Config.Finite("SOAK_MINUTES"), 1)))

/** Memory has five minutes to settle, and may then grow by a tenth. A short run ends before that. */
const mostGrowth = minutes >= 10 ? 0.1 : 0.5

const recoveryMs = 5000

/** A response may leave as late as its deadline. */
const slack = 1.5

/** Longest delay of a timer here. The service and its servers share the machine and are delayed as much. */
const lateness = Effect.acquireRelease(
  Effect.sync(() => {
    const delay = monitorEventLoopDelay()
    delay.enable()
    return { worstMs: () => delay.max / 1e6, delay }
  }),
  ({ delay }) => Effect.sync(() => delay.disable())
)

/** Idle connections are closed after some seconds. */
const settled = (url: string, atMost: number) =>
  reading(url, 0).pipe(
    Effect.repeat({ until: ({ openFiles }) => openFiles <= atMost, schedule: Schedule.spaced("200 millis") }),
    Effect.timeoutOrElse({ duration: "15 seconds", orElse: () => reading(url, 0) })
  )

const soaked = Effect.gen(function* () {
  const { stored, target } = yield* service
  const { worstMs } = yield* lateness
  const journal = emptyJournal()
  const readings: Array<Reading> = []
  const recoveries: Array<Recovery> = []
  const before = yield* reading(target.url, 0)
  const begun = performance.now()
  const watch = Effect.suspend(() => reading(target.url, (performance.now() - begun) / 1000)).pipe(
    Effect.map((one) => readings.push(one)),
    Effect.repeat(Schedule.spaced("2 seconds"))
  )
  const around = yield* Effect.forkChild(
    Effect.all([trouble(target.url, recoveries), watch], { concurrency: "unbounded" })
  )
  const callers = yield* Effect.forkChild(load(target, journal))
  yield* Effect.sleep(`${minutes} minutes`)
  yield* Fiber.interrupt(around)
  yield* Fiber.interrupt(callers)
  // A full pool, kept-alive connections, and those of probe and readings: no more after each fault.
  const mostFiles = before.openFiles + settings.poolMax + workers + 4
  const after = yield* settled(target.url, mostFiles)
  return { journal, readings, recoveries, before, after, mostFiles, lateMs: worstMs(), posts: yield* stored }
}).pipe(Effect.scoped, Effect.provide(servers))

const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)

describe("a service under mixed load with repeated server and network faults", () => {
  it.live(
    "loses and duplicates no write, keeps its deadline, recovers, and has stable memory and open files",
    () =>
      Effect.gen(function* () {
        const { after, before, journal, lateMs, mostFiles, posts, readings, recoveries } = yield* soaked
        const growth = memoryGrowth(readings)
        const slowest = recoveries.toSorted((a, b) => b.milliseconds - a.milliseconds).at(0)
        const acknowledged = journal.entries.filter(({ ids }) => ids.size > 0).length
        yield* Effect.log("soak", {
          minutes,
          faults: recoveries.length,
          slowest_recovery: slowest,
          answers: Object.fromEntries([...journal.answers].toSorted(([a], [b]) => a.localeCompare(b))),
          slowest_ms: Math.round(journal.slowestMs),
          machine_late_ms: Math.round(lateMs),
          writes: journal.entries.length,
          acknowledged,
          stored: posts.length,
          resident_mib: readings
            .filter((_, at) => at % Math.ceil(readings.length / 10) === 0)
            .map(({ residentBytes }) => megabytes(residentBytes)),
          growth_percent: Math.round(growth * 1000) / 10,
          open_files: [before.openFiles, after.openFiles],
          active_resources: [before.activeResources, after.activeResources]
        })
        assert.isEmpty(journal.surprises, journal.surprises.join())
        assert.deepStrictEqual(mismatches(journal, posts), [])
        assert.isAbove(acknowledged, 100 * minutes)
        assert.isNotEmpty(recoveries)
        assert.deepStrictEqual(
          recoveries.filter(({ milliseconds }) => milliseconds > recoveryMs),
          []
        )
        assert.isBelow(journal.slowestMs, slack * settings.requestTimeoutMs + 3 * lateMs)
        assert.isBelow(growth, mostGrowth)
        assert.isAtMost(after.openFiles, mostFiles)
      }),
    (minutes + 2) * 60_000
  )
})
