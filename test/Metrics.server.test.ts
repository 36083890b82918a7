import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { commandResult } from "./support/CommandResult.ts"
import { expositionOf, valuesOf } from "./support/Exposition.ts"
import { freshRegistry } from "./support/FreshRegistry.ts"
import { freshDatabase } from "./support/TestDatabase.ts"
import { testServer } from "./support/TestServer.ts"
import { throwawayRedis } from "./support/ThrowawayRedis.ts"

const promtool = await Effect.runPromise(commandResult("promtool", ["--version"]))

/** What the whole service shows when some of everything has happened. */
const scraped = Effect.gen(function* () {
  const { url } = yield* freshDatabase
  const redis = yield* throwawayRedis()
  const service = yield* testServer({
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_RATE_LIMIT_REQUESTS: "2"
  })
  const textOf = (path: string) => Effect.promise(async () => (await fetch(`${service}${path}`)).text())
  const paths = ["/ready", "/version", "/version", "/version"]
  yield* Effect.forEach(paths, textOf)
  yield* redis.stop
  yield* textOf("/nothing")
  return yield* textOf("/metrics")
}).pipe(freshRegistry)

/** The names in the tables of the documentation. */
const documented = [...readFileSync("docs/metrics.md", "utf8").matchAll(/^\| `([a-z0-9_]+)/gm)].map(
  ([, name = ""]) => name
)

describe("the metrics of the whole service", () => {
  it.live("are well-formed, and those that the documentation lists", () =>
    Effect.gen(function* () {
      const text = yield* scraped
      assert.sameMembers([...expositionOf(text).keys()], documented)
      assert.lengthOf(valuesOf(text, "tbg_migration_info"), 1)
      assert.deepStrictEqual(valuesOf(text, "tbg_schema_drift"), [0])
      assert.isAbove(valuesOf(text, "tbg_db_query_duration_seconds_count", { outcome: "ok" })[0] ?? 0, 0)
    })
  )

  it.live("pass promtool", (context) =>
    Effect.gen(function* () {
      context.skip(promtool.code !== 0, "promtool: not on the PATH (Debian's package prometheus has it)")
      const text = yield* scraped
      const { code, stderr, stdout } = yield* commandResult("sh", [
        "-c",
        'printf %s "$1" | promtool check metrics',
        "sh",
        text
      ])
      assert.deepStrictEqual({ code, said: stdout + stderr }, { code: 0, said: "" })
    })
  )
})
