import { DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { integrityOf } from "../../../domain/mining/Integrity.ts"
import { endOf } from "../../../domain/weeks/Week.ts"
import type { Monday } from "../../../domain/weeks/Week.ts"

const decodeBins = Schema.decodeUnknownEffect(
  Schema.Array(
    Schema.Struct({ accountId: Schema.String, addressId: Schema.Int, bin: Schema.Int, shares: Schema.Number })
  )
)

const bins = 64
const day = 86_400_000

/** Finds the accounts with an address whose integrity is `suspect`. */
export const makeFindSuspects = Effect.map(SqlClient.SqlClient, (sql) =>
  /** Tests the 7 days up to `now`, or up to the end of the week if that is earlier. */
  Effect.fnUntraced(function* (week: Monday, accountIds: ReadonlyArray<string>, now: number) {
    const last = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(Math.min(now, endOf(week) - day)))
    const rows = yield* sql`
      SELECT l.account_id::text AS "accountId", a.id AS "addressId", r.bin, sum(r.shares)::double precision AS shares
      FROM tbg_api.account_addresses l JOIN tbg_api.mining_addresses a ON a.address = l.address
      CROSS JOIN LATERAL (
        SELECT bin, shares FROM tbg_api.mining_ratios
        WHERE address_id = a.id AND day BETWEEN ${last}::date - 6 AND ${last}::date OFFSET 0
      ) AS r
      WHERE l.account_id = ANY (${accountIds}::uuid[]) GROUP BY 1, 2, 3`
    const found = yield* Effect.orDie(decodeBins(rows))
    const suspects = [...Map.groupBy(found, ({ addressId }) => addressId).values()].flatMap((group) => {
      const histogram = Array.from({ length: bins }, () => 0)
      for (const { bin, shares } of group) histogram[bin] = shares
      return integrityOf(histogram).status === "suspect" ? group.slice(0, 1).map(({ accountId }) => accountId) : []
    })
    return new Set(suspects)
  })
)
