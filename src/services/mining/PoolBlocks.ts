import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql"
import { Block, BlockNotFound } from "../../domain/mining/Block.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { MinerVisibility } from "./MinerVisibility.ts"
import { rowsOf, textOf } from "./Rows.ts"

/** Place in the list of blocks, newest first. */
export const BlockPlace = Schema.Struct({ at: Timestamp, id: Schema.String })
export type BlockPlace = typeof BlockPlace.Type

export interface BlockPageRequest {
  readonly limit: number
  readonly after: BlockPlace | undefined
  /** Only blocks of these addresses. */
  readonly addresses?: ReadonlyArray<string>
}

/** Blocks after which one is confirmed. */
const confirmations = 100

/** Canonical address of the owner's row `o`. Miners may have sent a bech32 address in capitals. */
const ownerAddress = "CASE WHEN o.btc_address ~* '^(bc|tb|bcrt)1' THEN lower(o.btc_address) ELSE o.btc_address END"

/**
 * SQL for all blocks of the pool: those of the projection, joined to the owner's table `blocks` by height, address and
 * hash, and those that only the owner's table has.
 *
 * A block is orphaned if the owner's table has negative confirmations, as Bitcoin Core reports them, or if the network's
 * next block follows another hash. Heights of network events may be off by one. If the network announced the
 * hash of a block, the height announced with it counts.
 */
const blocks = (sql: SqlClient.SqlClient) =>
  sql.literal(`
  SELECT f.id, f.height, f.hash, f.found_at, f.address, f.worker,
    coalesce(f.difficulty, (
      SELECT n.difficulty FROM tbg_api.mining_network n WHERE n.difficulty IS NOT NULL AND n.at <= f.found_at
      ORDER BY n.at DESC, n.id DESC LIMIT 1
    )) AS difficulty,
    CASE
      WHEN f.confirmations < 0 OR EXISTS (
        SELECT FROM (
          SELECT n.prev_hash FROM tbg_api.mining_network n WHERE n.prev_hash IS NOT NULL AND n.height = 1 + coalesce(
            (SELECT max(o.height) FROM tbg_api.mining_network o WHERE o.hash = f.hash), f.height)
          ORDER BY n.id DESC LIMIT 1
        ) next
        WHERE next.prev_hash <> coalesce(f.hash, (
          SELECT o.hash FROM tbg_api.mining_network o WHERE o.height = f.height AND o.hash IS NOT NULL
          ORDER BY o.id LIMIT 1
        ))
      ) THEN 'orphaned'
      WHEN f.is_confirmed OR f.confirmations >= ${confirmations} OR f.height + ${confirmations} <= (
        SELECT n.height FROM tbg_api.mining_network n ORDER BY n.at DESC, n.id DESC LIMIT 1
      ) THEN 'confirmed'
      ELSE 'pending'
    END AS status
  FROM (
    SELECT b.id::text AS id, b.height, coalesce(b.hash, o.block_hash) AS hash, b.found_at, a.address, w.name AS worker,
      coalesce(b.difficulty, o.difficulty) AS difficulty, o.confirmations, o.confirmed AS is_confirmed
    FROM tbg_api.mining_blocks b
    LEFT JOIN tbg_api.mining_addresses a ON a.id = b.address_id
    LEFT JOIN tbg_api.mining_workers w ON w.id = b.worker_id
    LEFT JOIN LATERAL (
      SELECT * FROM public.blocks o WHERE o.block_height = b.height AND
        CASE WHEN b.hash IS NULL THEN ${ownerAddress} IS NOT DISTINCT FROM a.address ELSE o.block_hash = b.hash END
      ORDER BY o.id LIMIT 1
    ) o ON true
    UNION ALL
    SELECT 'owner-' || o.id, o.block_height, o.block_hash, o.found_at, ${ownerAddress}, NULL, o.difficulty,
      o.confirmations, o.confirmed
    FROM public.blocks o
    WHERE NOT EXISTS (
      SELECT FROM tbg_api.mining_blocks b LEFT JOIN tbg_api.mining_addresses a ON a.id = b.address_id
      WHERE b.height = o.block_height AND
        CASE WHEN b.hash IS NULL THEN ${ownerAddress} IS NOT DISTINCT FROM a.address ELSE o.block_hash = b.hash END
    )
  ) f`)

/** SQL condition that selects blocks `b` of the given addresses; all blocks if `undefined`. */
const isOf = (sql: SqlClient.SqlClient, addresses: ReadonlyArray<string> | undefined): Statement.Fragment =>
  addresses === undefined ? sql`true` : sql`b.address = ANY (${addresses}::text[])`

/** SQL for the number of blocks that are not orphaned. */
export const blocksFound = (sql: SqlClient.SqlClient, addresses?: ReadonlyArray<string>): Statement.Fragment =>
  sql`(SELECT count(*) FROM (${blocks(sql)}) b WHERE status <> 'orphaned' AND ${isOf(sql, addresses)})`

/** SQL for the number of blocks found in `[since, until)` that are not orphaned. */
export const blocksFoundBetween = (sql: SqlClient.SqlClient, since: string, until: string): Statement.Fragment =>
  sql`(SELECT count(*) FROM (${blocks(sql)}) b
    WHERE status <> 'orphaned' AND b.found_at >= ${since}::timestamptz AND b.found_at < ${until}::timestamptz)`

const Row = Schema.Struct({
  id: Schema.String,
  height: Block.fields.height,
  hash: Block.fields.hash,
  status: Block.fields.status,
  found_at: Block.fields.found_at,
  difficulty: Block.fields.difficulty,
  address: Block.fields.address,
  worker: Block.fields.worker
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const { hiddenOf } = yield* MinerVisibility
  const rows = rowsOf(Row)

  const select = Effect.fnUntraced(function* (condition: Statement.Fragment) {
    const found = yield* rows(
      short(sql`
        SELECT id, height, hash, status, ${textOf(sql, "b.found_at")} AS found_at, nullif(difficulty, 0) AS difficulty,
          address, worker
        FROM (${blocks(sql)}) b ${condition}`)
    )
    const hidden = yield* hiddenOf([...new Set(found.flatMap(({ address }) => address ?? []))])
    return found.map((block): Block =>
      block.address === null || hidden.has(block.address) ? { ...block, address: null, worker: null } : block
    )
  })

  const list = Effect.fnUntraced(function* ({ addresses, after, limit }: BlockPageRequest) {
    const { at, id } = after ?? { at: "infinity", id: "" }
    const found = yield* select(sql`
      WHERE (b.found_at, b.id COLLATE "C") < (${at}::timestamptz, ${id}) AND ${isOf(sql, addresses)}
      ORDER BY b.found_at DESC, b.id COLLATE "C" DESC LIMIT ${limit + 1}`)
    return { blocks: found.slice(0, limit), hasMore: found.length > limit }
  })

  const find = Effect.fnUntraced(function* (id: string) {
    const [block] = yield* select(sql`WHERE b.id = ${id}`)
    return block ?? (yield* new BlockNotFound({ id }))
  })

  return { list: traced("PoolBlocks.list", list), find: traced("PoolBlocks.find", find) }
})

/** Blocks that the pool found. */
export class PoolBlocks extends Context.Service<
  PoolBlocks,
  {
    /** One page, newest first. */
    readonly list: (
      request: BlockPageRequest
    ) => Effect.Effect<{ readonly blocks: ReadonlyArray<Block>; readonly hasMore: boolean }>
    readonly find: (id: string) => Effect.Effect<Block, BlockNotFound>
  }
>()("tbg-api/services/mining/PoolBlocks") {
  static readonly layer = Layer.effect(PoolBlocks, make)
}
