import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { get } from "../support/Http.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { namesakes, replacedService } from "../support/ReplacedService.ts"
import { requestPosts } from "../support/PostsRequests.ts"
import { short } from "../support/TeamRoutes.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { run } from "../support/TestMigrations.ts"
import { testProcess } from "../support/TestProcess.ts"

/** Name and source of each function in `public`. */
const functions = run(
  "SELECT proname, prosrc, xmin::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY oid"
)

describe("the database of the replaced service", () => {
  it.live("is migrated, served and rolled back without a change to its tables, including those with our names", () =>
    Effect.gen(function* () {
      const { client, migrate, url } = yield* programOnDatabase
      const within = Effect.provide(client)
      yield* within(Effect.all([existingDatabase(plainCatalog), replacedService, namesakes]))
      const before = yield* within(Effect.all([fingerprint, functions]))
      const untouched = Effect.map(within(Effect.all([fingerprint, functions])), (after) =>
        assert.deepStrictEqual(after, before)
      )

      const plan = yield* migrate("plan")
      assert.deepStrictEqual([plan.code, plan.stderr], [0, ""])
      yield* untouched
      const up = yield* migrate("up")
      assert.deepStrictEqual([up.code, up.stderr], [0, ""])
      assert.match(up.stdout, /^0001_baseline: recognised\n/)
      yield* untouched
      const check = yield* migrate("check")
      assert.deepStrictEqual([check.code, check.stdout.split("\n")[0]], [0, "no drift"])

      const { alpha } = yield* teamsIn(url)
      const service = yield* testProcess(teamVariables(url))
      const ask = requestPosts(service.url, "alpha", alpha.token)
      assert.strictEqual((yield* ask("POST", "", short)).status, 201)
      assert.strictEqual(JSON.parse((yield* ask("GET", "")).text).total, 1)
      assert.propertyVal((yield* get(`${service.url}/health/db`)).body, "drift", "none")
      const report = yield* doctorReport(teamVariables(url))
      assert.deepStrictEqual([report.code, failedChecks(report)], [0, []])
      yield* service.signal("SIGKILL")

      const down = yield* migrate("down", "--to", "base", "--yes")
      assert.deepStrictEqual([down.code, down.stderr], [0, ""])
      yield* untouched
      assert.strictEqual((yield* migrate("up")).code, 0)
      yield* untouched
    })
  )
})
