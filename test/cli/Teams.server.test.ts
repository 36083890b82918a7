import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { programBesideDatabase } from "../support/ProgramBesideDatabase.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"

describe("tbg teams", () => {
  it.live("makes a team once, and lists those that are there, by name", () =>
    Effect.gen(function* () {
      const { migrate, tbg } = yield* programBesideDatabase
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

  it.live("describes a valid name without a query to the database", () =>
    Effect.gen(function* () {
      const { migrate, tbg } = yield* programBesideDatabase
      yield* migrate("up")
      const { code, stderr, stdout } = yield* tbg("teams", "create", "No Team")
      assert.deepStrictEqual([code, stdout], [64, ""])
      assert.strictEqual(
        stderr,
        'NAME "No Team": expected 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit\n' +
          "see tbg teams create --help\n"
      )
    })
  )
})

describe("a command about teams", () => {
  it.live("names the steps that the database lacks, with exit code 3", () =>
    Effect.gen(function* () {
      const { tbg } = yield* programBesideDatabase
      const results = yield* Effect.all([
        tbg("teams", "list"),
        tbg("keys", "list", "--team", "a"),
        tbg("seed"),
        tbg("purge")
      ])
      for (const { code, stderr, stdout } of results) {
        assert.deepStrictEqual([code, stdout], [3, ""])
        assert.match(stderr, /^the database lacks 0001_baseline, 0002_\w+, .*; run tbg migrate up\n$/)
      }
    })
  )

  it.live("refuses the database in memory, which would be gone with what it was told", () =>
    Effect.gen(function* () {
      const results = yield* Effect.all(
        [["teams", "create", "a"], ["keys", "create", "--team", "a"], ["seed"], ["purge"]].map((args) =>
          programResult(args)
        )
      )
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
      const away = yield* programResult(["teams", "list"], { TBG_DATABASE_URL: "postgresql://u:c4n4ry@127.0.0.1:1/d" })
      assert.deepStrictEqual(
        [away.code, away.stderr],
        [
          69,
          "Postgres 127.0.0.1:1/d unreachable: no connection; " +
            "start Postgres, or correct the host and port in TBG_DATABASE_URL\n"
        ]
      )
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
      assert.notInclude(JSON.stringify([away, wrong]), "c4n4ry")
    })
  )
})
