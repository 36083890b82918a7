import { randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { Failover, failoverCauses, smallDisk } from "./FailoverCauses.ts"
import { PostgresServer, role, servers } from "./Servers.ts"
import { Subject } from "./Subject.ts"
import type { failoverFaults } from "./table/FailoverFaults.ts"

const poll = Schedule.spaced("20 millis")

/** Largest possible post of incompressible text, so that it needs disk space. */
const large = Effect.sync(() => randomBytes(5000).toString("hex"))

const written = Effect.flatMap(Subject, ({ write }) => Effect.flatMap(large, (content) => write(content)))

/** Level and text of the log lines about Postgres after this output length. */
const linesSince = (length: number) =>
  Effect.flatMap(Subject, ({ output }) =>
    Effect.map(output, (text) =>
      Array.from(
        text.slice(length).matchAll(/"level":"(\w+)","message":"([^"]*Postgres[^"]*)"/g),
        ([, ...line]) => line
      )
    )
  )

const doctor = Effect.gen(function* () {
  const { url } = yield* PostgresServer
  const database = new URL(url)
  database.pathname = `/${role.database}`
  return yield* doctorReport({ TBG_DATABASE_URL: database.href })
})

/** Status of each surface during a fault and after it. */
const holds = Effect.fnUntraced(function* (name: keyof typeof failoverFaults, fault: "read_only" | "full") {
  const { begin, end } = failoverCauses[name]
  const { get, output, read } = yield* Subject
  yield* Effect.repeat(get("/ready"), { until: ({ status }) => status === 200, schedule: poll })
  const { length } = yield* output

  const recover = end ?? Effect.void
  // A failed assertion must not leave the fault to the next test.
  yield* Effect.acquireRelease(begin, () => Effect.ignore(recover))
  const refused = yield* Effect.repeat(written, { until: ({ status }) => status !== 201 })
  assert.strictEqual(refused.status, 503)
  assert.match(refused.headers["retry-after"] ?? "", /^\d+$/)
  assert.strictEqual((yield* read).status, 200)
  const ready = yield* get("/ready")
  assert.deepStrictEqual(
    [ready.status, JSON.parse(ready.text)],
    [200, { status: "degraded", checks: { database: `error: ${fault}`, redis: "ok" } }]
  )
  const health = yield* get("/health/db")
  assert.strictEqual(health.status, 503)
  assert.deepInclude(JSON.parse(health.text), { status: "unhealthy", error: fault })
  const report = yield* doctor
  assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["database writes"]])
  assert.include(report.by.get("database writes")?.what, `/${role.database} ${fault}: `)
  yield* Effect.all(Array.from({ length: 20 }, () => written))
  const reported = yield* Effect.repeat(linesSince(length), { until: (lines) => lines.length > 0, schedule: poll })
  assert.deepStrictEqual(reported, [["ERROR", "Postgres accepts no writes; they get 503, reads continue"]])

  yield* recover
  yield* Effect.repeat(get("/ready"), { until: ({ text }) => text.includes(`"ready"`), schedule: poll })
  // More concurrent requests than sessions, so that each gets a new one.
  const all = yield* Effect.all(
    Array.from({ length: 60 }, () => written),
    { concurrency: "unbounded" }
  )
  assert.deepStrictEqual([...new Set(all.map(({ status }) => status))], [201])
  const lines = yield* Effect.repeat(linesSince(length), { until: (lines) => lines.length > 1, schedule: poll })
  assert.deepStrictEqual(lines.slice(1), [["INFO", "Postgres available again"]])
})

const all = Layer.provideMerge(Layer.merge(Subject.layer, Failover.layer), servers)

layer(all, { excludeTestServices: true })("a Postgres that accepts no writes", (it) => {
  it.effect("is reported at every endpoint while it is read-only, and recovers without a restart", () =>
    holds("Postgres is made read-only", "read_only")
  )

  it.effect("is reported at every endpoint while its disk is full, and recovers without a restart", (context) => {
    context.skip(smallDisk.isMissing, smallDisk.reason)
    return holds("the disk of Postgres is full", "full")
  })
})
