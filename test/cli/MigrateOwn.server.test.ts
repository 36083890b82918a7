import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runAll } from "../support/Catalog.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"

describe("tbg migrate on a changed table of our own", () => {
  it.live("reports it with exit code 3, names it, and does not repair it", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* migrate("up")
      assert.strictEqual((yield* migrate("check")).code, 0)
      const changes = runAll([
        "ALTER TABLE tbg_api.posts DISABLE ROW LEVEL SECURITY",
        "DROP INDEX tbg_api.posts_newest_idx"
      ])
      yield* Effect.provide(changes, client)
      const check = yield* migrate("check")
      assert.strictEqual(check.code, 3)
      assert.match(check.stdout, /\nblocking +row-level security of posts +missing +enabled +-\n/)
      assert.match(check.stdout, /\nwarning +index posts_newest_idx on posts +missing /)
      const repair = yield* migrate("repair", "--yes")
      assert.strictEqual(repair.code, 3)
      assert.match(repair.stdout, /^not repaired, because migrations create these tables:\n(.+\n)+remaining:\n/)
      assert.match((yield* migrate("up")).stdout, /^nothing to do; /)
    })
  )
})
