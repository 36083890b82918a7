import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Idempotency } from "../src/services/Idempotency.ts"
import { Posts } from "../src/services/Posts.ts"
import { apiKeysSuite } from "./support/ApiKeysSuite.ts"
import { existingDatabase } from "./support/Catalog.ts"
import { plainCatalog } from "./support/CatalogFixture.ts"
import { doctorReport, failedChecks } from "./support/DoctorReport.ts"
import { get } from "./support/Http.ts"
import { idempotencySuite, newWrite } from "./support/IdempotencySuite.ts"
import { realServicesOn, textOf } from "./support/MigratedServices.ts"
import { postPagesSuite } from "./support/PostPagesSuite.ts"
import { createMany, postsSuite, setUp } from "./support/PostsSuite.ts"
import { teamsSuite } from "./support/TeamsSuite.ts"
import { hostileDatabase, testClient } from "./support/TestDatabase.ts"
import { teamVariables } from "./support/TeamServer.ts"
import { programResult, testProcess } from "./support/TestProcess.ts"

const services = realServicesOn(hostileDatabase)

layer(services)("Posts in a database with hostile defaults", postsSuite)
layer(services)("pages of Posts in a database with hostile defaults", postPagesSuite)
layer(services)("Idempotency in a database with hostile defaults", idempotencySuite)
layer(services)("ApiKeys in a database with hostile defaults", apiKeysSuite)
layer(services)("Teams in a database with hostile defaults", teamsSuite)

layer(services)("concurrent writes in a database with hostile defaults", (it) => {
  it.effect("completes 960 idempotent writes without a failure", () =>
    Effect.gen(function* () {
      const { once } = yield* Idempotency
      const { ask, write, written } = yield* newWrite
      const keys = Array.from({ length: 960 }, (_, index) => `key-${index}`)
      const answers = yield* Effect.forEach(keys, (key) => once({ ...ask, key }, write), { concurrency: "unbounded" })
      assert.lengthOf(
        answers.filter(({ replayed }) => !replayed),
        960
      )
      assert.strictEqual(yield* written, 960)
    })
  )

  it.effect("creates, deletes and restores the same posts concurrently, and keeps the count exact", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const made = yield* createMany(team, 5)
      const turns = Array.from({ length: 40 }, () => [
        Effect.asVoid(posts.create(team, textOf())),
        ...made.map(({ id }) => Effect.catchTag(posts.remove(team, id), "PostNotFound", () => Effect.void)),
        ...made.map(({ id }) => Effect.asVoid(posts.restore(team, id)))
      ]).flat()
      yield* Effect.all(turns, { concurrency: "unbounded", discard: true })
      yield* Effect.forEach(made, ({ id }) => posts.restore(team, id), { discard: true })
      const { total } = yield* (yield* Posts).list(team, { limit: 1, offset: 0 })
      assert.strictEqual(total, 45)
    })
  )
})

describe("tbg on a database with hostile defaults", () => {
  it.live("migrates another service's tables, serves without drift, and names the remaining default in doctor", () =>
    Effect.gen(function* () {
      const { url } = yield* hostileDatabase
      const variables = teamVariables(url)
      yield* Effect.provide(existingDatabase(plainCatalog), testClient(url))
      const up = yield* programResult(["migrate", "up"], variables)
      assert.deepStrictEqual([up.code, up.stderr], [0, ""])
      assert.match(up.stdout, /^0001_baseline: recognised\n/)
      const check = yield* programResult(["migrate", "check"], variables)
      assert.match(check.stdout, /^no drift\n/)
      const service = yield* testProcess(variables)
      assert.include((yield* get(`${service.url}/health/db`)).body, { status: "healthy", drift: "none" })
      const report = yield* doctorReport(variables)
      assert.deepStrictEqual([report.code, failedChecks(report)], [0, []])
      assert.match(report.by.get("database defaults")?.what ?? "", /^default_transaction_isolation is repeatable read/)
    })
  )
})
