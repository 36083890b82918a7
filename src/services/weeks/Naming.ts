import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { MinerVisibility } from "../mining/MinerVisibility.ts"
import { rowsOf } from "../mining/Rows.ts"
import { reads } from "../Reads.ts"

/** Adds the display name of each address. For miners that are hidden from the `Viewer`, name and address are null. */
export const makeNaming = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const { hiddenOf } = yield* MinerVisibility
  const rows = rowsOf(Schema.Struct({ address: Schema.String, name: Schema.String }))

  return Effect.fnUntraced(function* <Item extends { readonly address: string }>(items: ReadonlyArray<Item>) {
    const addresses = [...new Set(items.map(({ address }) => address))]
    if (addresses.length === 0) return []
    const named = rows(
      short(sql`
        SELECT l.address, a.display_name AS name FROM tbg_api.account_addresses l
        JOIN tbg_api.accounts a ON a.id = l.account_id
        WHERE l.address = ANY (${addresses}::text[]) AND a.display_name IS NOT NULL`)
    )
    const [hidden, found] = yield* Effect.all([hiddenOf(addresses), named], { concurrency: "unbounded" })
    const names = new Map(found.map(({ address, name }) => [address, name]))
    return items.map((item) =>
      hidden.has(item.address)
        ? { ...item, name: null, address: null }
        : { ...item, name: names.get(item.address) ?? null }
    )
  })
})
