import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { jsonBody, short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"

/** Every row of every table as text, with bytes in hexadecimal, as in a dump. */
const dump = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: string }>`
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
  const rows = yield* Effect.forEach(tables, ({ name }) =>
    sql.unsafe<{ readonly row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`)
  )
  return rows.flat().map(({ row }) => row)
})

describe("a database dump", () => {
  it.live("contains the record of a used key, and the key itself in no encoding", () =>
    Effect.gen(function* () {
      const { alpha, client, service } = yield* teamServer(testProcess)
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${alpha.token}`,
        "idempotency-key": "once"
      }
      const written = yield* Effect.promise(() =>
        fetch(`${service.url}/v1/teams/alpha/posts`, { ...jsonBody(short), headers })
      )
      assert.strictEqual(written.status, 201)
      const rows = yield* Effect.provide(dump, client)
      const holding = (text: string): number => rows.filter((row) => row.includes(text)).length
      // Its own record, and the response recorded under it.
      assert.strictEqual(holding(alpha.keyId), 2)
      const secret = alpha.token.slice(37)
      const spellings = [alpha.token, secret, secret.slice(0, 32)].flatMap((text) => {
        const bytes = Buffer.from(text)
        return [text, text.toLowerCase(), ...(["hex", "base64", "base64url"] as const).map((of) => bytes.toString(of))]
      })
      assert.deepStrictEqual(spellings.filter(holding), [])
      assert.deepStrictEqual(
        rows.filter((row) => /tbg_[0-9a-f]{32}/u.test(row)),
        []
      )
    })
  )
})
