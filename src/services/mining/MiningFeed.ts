import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { FeedData, FeedItem, titleOf } from "../../domain/mining/Feed.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { rowsOf, textOf } from "./Rows.ts"

export interface FeedRequest {
  readonly limit: number
  /** Only events with lower numbers. */
  readonly before: number | undefined
}

const Row = Schema.Struct({ id: Schema.BigInt, time: FeedItem.fields.time, data: FeedData })

const itemOf = ({ data, id, time }: typeof Row.Type): FeedItem => ({
  id: Number(id),
  type: data.type,
  time,
  title: titleOf(data),
  data
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(Row)

  const list = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>, { before, limit }: FeedRequest) {
    // Reads at most one page of each address by its index.
    const found = yield* rows(
      short(sql`
        SELECT f.id, ${textOf(sql, "f.at")} AS time, f.data FROM tbg_api.mining_addresses a
        CROSS JOIN LATERAL (
          SELECT * FROM tbg_api.mining_facts x
          WHERE x.address_id = a.id AND x.id < ${before ?? Number.MAX_SAFE_INTEGER}::bigint
          ORDER BY x.id DESC LIMIT ${limit}
        ) f
        WHERE a.address = ANY (${addresses}::text[]) ORDER BY f.id DESC LIMIT ${limit}`)
    )
    return found.map(itemOf)
  })

  return { list: traced("MiningFeed.list", list) }
})

/** Lasting events of miners: best shares, blocks and new workers. */
export class MiningFeed extends Context.Service<
  MiningFeed,
  {
    /** Events of some addresses, newest first. */
    readonly list: (addresses: ReadonlyArray<string>, request: FeedRequest) => Effect.Effect<ReadonlyArray<FeedItem>>
  }
>()("tbg-api/services/mining/MiningFeed") {
  static readonly layer = Layer.effect(MiningFeed, make)
}
