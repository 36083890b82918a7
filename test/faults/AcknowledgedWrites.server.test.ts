import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import { jsonBody, short } from "../support/TeamRoutes.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { freshDatabaseOn, testClient } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { durable, throwawayPostgresWith } from "../support/ThrowawayPostgres.ts"

const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)

interface Write {
  readonly content: string
  /** Every other write has an Idempotency-Key. */
  readonly key: string | undefined
}

const writesOf = (round: string): ReadonlyArray<Write> =>
  Array.from({ length: 200 }, (_, index) => ({
    content: `${round}, write ${index}`,
    key: index % 2 === 0 ? `${round.replaceAll(" ", "-")}-${index}` : undefined
  }))

/** A service and a durable Postgres, each of which can be killed and restarted. */
const service = Effect.gen(function* () {
  const postgres = yield* throwawayPostgresWith({ settings: durable })
  const { url } = yield* freshDatabaseOn(postgres.url)
  let process = yield* testProcess(teamVariables(url))
  const { alpha } = yield* teamsIn(url)
  const write = ({ content, key }: Write) =>
    Effect.tryPromise(async () => {
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${alpha.token}`,
        ...(key === undefined ? {} : { "idempotency-key": key })
      }
      const init = { ...jsonBody({ ...short, content }), headers }
      const response = await fetch(`${process.url}/v1/teams/alpha/posts`, init)
      return {
        status: response.status,
        body: await response.text(),
        replayed: response.headers.get("idempotency-replayed")
      }
    })
  const rows = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ content: string }>`SELECT content FROM tbg_api.posts`
  ).pipe(
    Effect.provide(testClient(url)),
    Effect.map((found) => found.map(({ content }) => content))
  )
  const killService = Effect.gen(function* () {
    yield* process.signal("SIGKILL")
    yield* process.exit
    process = yield* testProcess(teamVariables(url))
  })
  const killPostgres = Effect.andThen(postgres.signal("SIGKILL"), postgres.startAgain)
  return { write, rows, killService, killPostgres }
})

describe("acknowledged writes", () => {
  it.live(
    "survive kill -9 of the service and of Postgres exactly once, and are replayed by Idempotency-Key",
    () =>
      Effect.gen(function* () {
        const { killPostgres, killService, rows, write } = yield* service
        const acknowledged: Array<Write & { readonly body: string }> = []
        const round = Effect.fnUntraced(function* (name: string, kill: typeof killService | typeof killPostgres) {
          let answers = 0
          const before = acknowledged.length
          yield* Effect.forEach(
            writesOf(name),
            (one) =>
              Effect.gen(function* () {
                const answer = yield* Effect.option(write(one))
                if (Option.isSome(answer) && answer.value.status === 201) acknowledged.push({ ...one, ...answer.value })
                if (++answers === 60) yield* kill
              }),
            { concurrency: 16 }
          )
          assert.isAbove(acknowledged.length - before, 40, name)
        })
        for (let repetition = 0; repetition < (yield* repetitions); repetition++) {
          yield* round(`service ${repetition}`, killService)
          yield* round(`Postgres ${repetition}`, killPostgres)
        }
        const stored = yield* rows
        const counts = new Map<string, number>()
        for (const content of stored) counts.set(content, (counts.get(content) ?? 0) + 1)
        assert.deepStrictEqual(
          acknowledged.filter(({ content }) => counts.get(content) !== 1),
          []
        )
        assert.deepStrictEqual(
          [...counts].filter(([, count]) => count > 1),
          []
        )
        const keyed = acknowledged.filter(({ key }) => key !== undefined)
        const replays = yield* Effect.forEach(keyed, write, { concurrency: 8 })
        assert.deepStrictEqual(
          replays.map(({ body, replayed, status }) => ({ body, replayed, status })),
          keyed.map(({ body }) => ({ body, replayed: "true", status: 201 }))
        )
        assert.lengthOf(yield* rows, stored.length)
      }),
    300_000
  )
})
