import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"

describe("tbg teams", () => {
  it.live("creates a team once, and lists existing teams by name", () =>
    Effect.gen(function* () {
      const { migrate, tbg } = yield* programOnDatabase
      yield* migrate("up")
      assert.strictEqual((yield* tbg("teams", "list")).stdout, "no teams; create one with tbg teams create NAME\n")
      const made = yield* tbg("teams", "create", "zebra")
      assert.deepStrictEqual([made.code, made.stderr], [0, ""])
      assert.match(made.stdout, /^created team zebra \(id [0-9a-f-]{36}\)\n$/)
      const again = yield* tbg("teams", "create", "zebra")
      assert.deepStrictEqual([again.code, again.stdout, again.stderr], [64, "", "team zebra already exists\n"])
      yield* tbg("teams", "create", "ant")
      const [ant, zebra] = JSON.parse((yield* tbg("teams", "list", "--json")).stdout)
      assert.deepStrictEqual(Object.keys(ant), ["name", "id", "created_at"])
      assert.deepStrictEqual([ant.name, zebra.name], ["ant", "zebra"])
      assert.include(made.stdout, zebra.id)
      assert.match((yield* tbg("teams", "list")).stdout, /^NAME +ID +CREATED\nant +\S+ +\S+Z\nzebra +\S+ +\S+Z\n$/)
    })
  )
})

describe("a command on teams", () => {
  it.live("names the migrations that the database lacks, with exit code 3", () =>
    Effect.gen(function* () {
      const { tbg } = yield* programOnDatabase
      const results = yield* Effect.all([tbg("keys", "list", "--team", "a"), tbg("seed")])
      for (const { code, stderr, stdout } of results) {
        assert.deepStrictEqual([code, stdout], [3, ""])
        assert.match(stderr, /^the database lacks 0001_baseline, 0002_\w+, .*; run tbg migrate up\n$/)
      }
    })
  )

  it.live("refuses an in-memory database, whose changes would be lost", () =>
    Effect.gen(function* () {
      const results = yield* Effect.all([["teams", "create", "a"], ["purge"]].map((args) => programResult(args)))
      for (const { code, stderr, stdout } of results) {
        assert.deepStrictEqual([code, stdout], [69, ""])
        assert.include(stderr, "TBG_DATABASE_URL=embedded is an in-memory database")
      }
    })
  )

  it.live("names the host, the database, the fault and the fix in one line", () =>
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const refused = new URL(postgres.url)
      refused.password = "c4n4ry"
      const wrong = yield* programResult(["teams", "list"], { TBG_DATABASE_URL: refused.href })
      const where = `127.0.0.1:${postgres.port}`
      assert.deepStrictEqual(
        [wrong.code, wrong.stderr],
        [
          69,
          `Postgres ${where}/postgres denied: it rejected our user name or password; ` +
            "correct the user name or password in TBG_DATABASE_URL\n"
        ]
      )
      const elsewhere = new URL(postgres.url)
      elsewhere.pathname = "/nowhere"
      const missing = yield* programResult(["teams", "list"], { TBG_DATABASE_URL: elsewhere.href })
      assert.deepStrictEqual(
        [missing.code, missing.stderr],
        [
          69,
          `Postgres ${where}/nowhere missing: the database does not exist; ` +
            "create it, or correct its name in TBG_DATABASE_URL\n"
        ]
      )
      assert.notInclude(JSON.stringify(wrong), "c4n4ry")
    })
  )
})
