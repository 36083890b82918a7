import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { beforeEach } from "vitest"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { pgbouncer, pooled } from "../support/Pgbouncer.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { requestPosts } from "../support/PostsRequests.ts"
import { short } from "../support/TeamRoutes.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"

const parameters = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout"

/** Enough for a service and a command, which keep their sessions in session mode. */
const sessions = 12

describe("tbg behind PgBouncer", () => {
  beforeEach((context) => context.skip(pgbouncer.isMissing, pgbouncer.reason))

  it.live("migrates, isolates teams and writes in transaction mode", () =>
    Effect.gen(function* () {
      const { client, url } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const variables = {
        ...teamVariables(Redacted.make(yield* pooled(Redacted.value(url), sessions))),
        TBG_DATABASE_POOL_MAX: "4",
        TBG_DATABASE_STATEMENT_CACHE: "false"
      }
      const up = yield* programResult(["migrate", "up"], variables)
      assert.deepStrictEqual([up.code, up.stderr], [0, ""])
      assert.strictEqual((yield* programResult(["migrate", "check"], variables)).code, 0)
      const { alpha, beta } = yield* teamsIn(url)
      const service = yield* testProcess(variables)
      const ask = ({ name, token }: typeof alpha) => requestPosts(service.url, name, token)
      const asked = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => index),
        // Each team sends ten keys twice.
        (index) => ask(index % 2 === 0 ? alpha : beta)("POST", "", short, { "idempotency-key": `key-${index % 20}` }),
        { concurrency: 8 }
      )
      assert.deepStrictEqual(
        asked.filter(({ status }) => status !== 201 && status !== 409),
        []
      )
      const totals = yield* Effect.forEach([alpha, beta], (team) =>
        Effect.map(ask(team)("GET", ""), ({ text }) => JSON.parse(text).total)
      )
      assert.deepStrictEqual(totals, [10, 10])
      const report = yield* doctorReport(variables)
      assert.deepStrictEqual([report.code, failedChecks(report)], [0, []])
      assert.match(report.by.get("database defaults")?.what ?? "", /statement_timeout is 0: a pooler drops/)
    })
  )

  it.live("names the missing parameters and the setting in doctor without ignore_startup_parameters", () =>
    Effect.gen(function* () {
      const { variables, url } = yield* programOnDatabase
      const pooler = yield* pooled(Redacted.value(url), sessions, { ignored: "extra_float_digits" })
      const report = yield* doctorReport({ ...variables, TBG_DATABASE_URL: pooler })
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["database"]])
      const { mend, what } = report.by.get("database") ?? {}
      assert.include(what, `refuses the startup parameters ${parameters}`)
      assert.strictEqual(mend, `set ignore_startup_parameters = ${parameters} in pgbouncer.ini`)
    })
  )
})
