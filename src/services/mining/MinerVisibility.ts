import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { AccountId } from "../../domain/Account.ts"
import { reads } from "../Reads.ts"
import { rowsOf } from "./Rows.ts"

/** Account of the caller of the current request; `undefined` if the caller is not signed in. */
export const Viewer = Context.Reference<AccountId | undefined>("tbg-api/services/mining/Viewer", {
  defaultValue: () => undefined
})

const make = Effect.fnUntraced(function* ({ isPublic }: { readonly isPublic: boolean }) {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(Schema.Struct({ address: Schema.String }))

  const hiddenOf = Effect.fn("MinerVisibility.hiddenOf")(function* (addresses: ReadonlyArray<string>) {
    if (addresses.length === 0) return new Set<string>()
    const viewer = (yield* Viewer) ?? null
    if (viewer === null && !isPublic) return new Set(addresses)
    const hidden = yield* rows(
      short(sql`
        SELECT g.address FROM unnest(${addresses}::text[]) AS g (address)
        LEFT JOIN tbg_api.account_addresses l ON l.address = g.address
        LEFT JOIN tbg_api.accounts a ON a.id = l.account_id
        WHERE NOT (${isPublic}::boolean AND coalesce(a.is_public, true)) AND coalesce(a.id <> ${viewer}::uuid, true)`)
    )
    return new Set(hidden.map(({ address }) => address))
  })

  return { hiddenOf, canSee: (address: string) => Effect.map(hiddenOf([address]), (hidden) => hidden.size === 0) }
})

/** Hidden miners: all if `TBG_PUBLIC_MINERS` is off, else those whose owners hide them. */
export class MinerVisibility extends Context.Service<
  MinerVisibility,
  {
    /** Returns the given canonical addresses whose miners are hidden from the `Viewer`. Owners see their own. */
    readonly hiddenOf: (addresses: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>
    /** Whether the `Viewer` may see the miner of a canonical address. */
    readonly canSee: (address: string) => Effect.Effect<boolean>
  }
>()("tbg-api/services/mining/MinerVisibility") {
  /** @param options `isPublic`: whether miners are public unless their owners hide them */
  static readonly layer = (options: { readonly isPublic: boolean }) => Layer.effect(MinerVisibility, make(options))
}
