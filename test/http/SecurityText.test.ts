import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { TestClock } from "effect/testing"
import { testRoutes } from "../support/TestRoutes.ts"

const path = "/.well-known/security.txt"
const policy = readFileSync(join(import.meta.dirname, "../../SECURITY.md"), "utf8")

const fieldsOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/: (.*)/u).slice(0, 2))

describe("security.txt", () => {
  it.effect("names the contact of SECURITY.md, and expires within a year of startup", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(DateTime.makeUnsafe("2026-11-21T15:00:00Z").epochMilliseconds)
      const ask = yield* testRoutes()
      const answer = yield* ask(path)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers.get("content-type"), "text/plain; charset=utf-8")
      const fields = fieldsOf(yield* Effect.promise(() => answer.text()))
      assert.deepStrictEqual(
        fields.map(([name]) => name),
        ["Contact", "Policy", "Preferred-Languages", "Expires"]
      )
      const { Contact = "", Expires } = Object.fromEntries(fields)
      assert.include(policy, Contact)
      assert.strictEqual(Expires, "2027-05-20T00:00:00.000Z")
    })
  )

  it.effect("is served without the docs, also for HEAD, under the address limit", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      const answers = [yield* ask(path), yield* ask(path, { method: "HEAD" }), yield* ask(path, { method: "POST" })]
      assert.deepStrictEqual(
        answers.map(({ headers, status }) => [status, headers.get("x-ratelimit-remaining"), headers.get("allow")]),
        [
          [200, "99", null],
          [200, "98", null],
          [405, null, "GET, HEAD, OPTIONS"]
        ]
      )
    })
  )
})
