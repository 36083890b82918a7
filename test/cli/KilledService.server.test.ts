import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { inTeam } from "../../src/services/InTeam.ts"
import { jsonBody, short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"

const writes = Array.from({ length: 200 }, (_, index) => `write-${index}`)

describe("a service that is killed during writes", () => {
  it.live("has stored each write once after retries with the Idempotency-Key", () =>
    Effect.gen(function* () {
      const { alpha, client, service, serveAgain } = yield* teamServer(testProcess)
      const write = (url: string, name: string) => {
        const headers = {
          "content-type": "application/json",
          authorization: `Bearer ${alpha.token}`,
          "idempotency-key": name
        }
        const init = { ...jsonBody({ ...short, content: name }), headers }
        return Effect.tryPromise(async () => {
          const response = await fetch(`${url}/v1/teams/alpha/posts`, init)
          return { status: response.status, body: await response.text() }
        })
      }
      let answered = 0
      const first = yield* Effect.forEach(
        writes,
        (name) =>
          write(service.url, name).pipe(
            Effect.tap(() => (++answered === 60 ? service.signal("SIGKILL") : Effect.void)),
            Effect.option
          ),
        { concurrency: 16 }
      )
      yield* service.exit
      const known = first.map(Option.getOrUndefined)
      assert.isAbove(known.filter((answer) => answer !== undefined).length, 50)
      assert.isAbove(known.filter((answer) => answer === undefined).length, 50)

      const { url } = yield* serveAgain
      const second = yield* Effect.forEach(writes, (name) => write(url, name), { concurrency: 16 })
      assert.isEmpty(second.filter(({ status }) => status !== 201))
      assert.isEmpty(known.filter((answer, index) => answer !== undefined && answer.body !== second[index]?.body))
      const rows = yield* Effect.provide(
        Effect.flatMap(SqlClient.SqlClient, (sql) => inTeam(alpha.id)(sql`SELECT content FROM tbg_api.posts`)),
        client
      )
      assert.sameMembers(
        rows.map(({ content }) => content),
        writes
      )
    })
  )
})
