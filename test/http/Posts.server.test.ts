import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../../src/domain/Team.ts"
import { inTeam } from "../../src/services/InTeam.ts"
import { jsonBody, short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testServer } from "../support/TestServer.ts"

/** The service over a real Postgres, with a function that sends requests. */
const served = Effect.gen(function* () {
  const made = yield* teamServer(testServer)
  const ask = (path: string, init: RequestInit = {}) => Effect.promise(() => fetch(made.service + path, init))
  const write = (body: unknown, key: string) => {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${made.alpha.token}`,
      "idempotency-key": key
    }
    return ask("/v1/teams/alpha/posts", { ...jsonBody(body), headers })
  }
  return { ...made, ask, write }
})

const postsOf = Effect.fnUntraced(function* (team: TeamId) {
  const sql = yield* SqlClient.SqlClient
  return (yield* inTeam(team)(sql`SELECT id FROM tbg_api.posts`)).length
})

describe("posts over a real Postgres", () => {
  it.live("are created once by 50 concurrent requests with one Idempotency-Key", () =>
    Effect.gen(function* () {
      const { alpha, client, write } = yield* served
      const answers = yield* Effect.forEach(Array.from({ length: 50 }), () => write(short, "one"), {
        concurrency: "unbounded"
      })
      const statuses = new Set(answers.map(({ status }) => status))
      assert.isTrue(statuses.has(201))
      assert.isEmpty([...statuses].filter((status) => status !== 201 && status !== 409))
      const written = answers.filter(({ status }) => status === 201)
      const bodies = yield* Effect.forEach(written, (answer) => Effect.promise(() => answer.text()))
      assert.strictEqual(new Set(bodies).size, 1)
      assert.strictEqual(written.filter(({ headers }) => !headers.has("idempotency-replayed")).length, 1)
      const again = yield* write(short, "one")
      assert.strictEqual(again.headers.get("idempotency-replayed"), "true")
      assert.strictEqual(yield* Effect.promise(() => again.text()), bodies[0])
      assert.strictEqual((yield* write({ ...short, content: "Other" }, "one")).status, 422)
      assert.strictEqual(yield* Effect.provide(postsOf(alpha.id), client), 1)
    })
  )

  it.live("have the same representation in every response", () =>
    Effect.gen(function* () {
      const { alpha, ask, write } = yield* served
      const authorized = { headers: { authorization: `Bearer ${alpha.token}` } }
      const bodyOf = (response: Response) => Effect.promise(() => response.text())
      const created = yield* write({ author_name: "Ada 🎲", content: "a\n\tb", tags: ["x", "y"] }, "one")
      const body = yield* bodyOf(created)
      const found = yield* ask(created.headers.get("location") ?? "", authorized)
      assert.strictEqual(yield* bodyOf(found), body)
      const list = yield* Effect.flatMap(ask("/v1/teams/alpha/posts", authorized), bodyOf)
      assert.deepStrictEqual(JSON.parse(list), {
        posts: [JSON.parse(body).post],
        total: 1,
        has_more: false,
        next_cursor: null
      })
      const headers = { ...authorized.headers, "if-none-match": found.headers.get("etag") ?? "" }
      assert.strictEqual((yield* ask(created.headers.get("location") ?? "", { headers })).status, 304)
    })
  )
})
