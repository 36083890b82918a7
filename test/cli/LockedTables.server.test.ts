import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { whileLocked } from "../support/Locks.ts"
import { get } from "../support/Http.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"

const warning = "schema locked by another session; drift unknown until the next comparison"

describe("while another session holds ACCESS EXCLUSIVE on a table", () => {
  it.live("the service starts at the latest migration, and commands end without waiting for the lock", () =>
    Effect.gen(function* () {
      const { client, migrate, variables } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      yield* migrate("up")
      const whileTableLocked = <A, E, R>(table: string, effect: Effect.Effect<A, E, R>) =>
        Effect.provide(whileLocked(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, effect), client)
      const fails = Effect.map(migrate("check"), (check) =>
        assert.deepStrictEqual(
          [check.code, check.stdout, check.stderr],
          [1, "", "migrations: another session held a lock for too long; nothing was changed, try again\n"]
        )
      )
      yield* whileTableLocked("tbg_api.posts", fails)
      const during = Effect.gen(function* () {
        const up = yield* migrate("up")
        assert.deepStrictEqual([up.code, up.stderr], [0, ""])
        assert.match(up.stdout, /^nothing to do; the database is at \d{4}_\w+\n$/)
        yield* fails
        const report = yield* doctorReport(variables)
        assert.deepStrictEqual([report.code, failedChecks(report)], [0, []])
        assert.match(report.by.get("drift")?.what ?? "", /^unknown: another session holds a lock/)
        const service = yield* testProcess({ ...variables, TBG_DRIFT_INTERVAL_SECONDS: "1" })
        assert.include(yield* service.output, warning)
        assert.strictEqual((yield* get(`${service.url}/ready`)).status, 200)
        assert.include((yield* get(`${service.url}/health/db`)).body, { status: "healthy", drift: "unknown" })
        return service
      })
      const service = yield* whileTableLocked("public.shares", during)
      // The next comparison finds no lock.
      yield* get(`${service.url}/health/db`).pipe(
        Effect.repeat({ until: ({ body }) => Object(body).drift === "none", schedule: Schedule.spaced("100 millis") })
      )
    })
  )
})
