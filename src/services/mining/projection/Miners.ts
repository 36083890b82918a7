import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { maxWorkers, otherWorkers } from "../../../domain/mining/Worker.ts"
import { rowsOf } from "./Rows.ts"

/** Worker of an event. */
export interface MinerName {
  readonly address: string
  readonly worker: string
}

const Miner = Schema.Struct({
  addressId: Schema.Int,
  workerId: Schema.Int,
  address: Schema.String,
  worker: Schema.String,
  /** Best share of the address so far. */
  addressBest: Schema.NullOr(Schema.Number)
})

/** Worker with its ids. `worker` is the name it is counted under. */
export interface Miner extends Schema.Schema.Type<typeof Miner> {
  readonly isNew: boolean
}

const decodeMiners = Schema.decodeUnknownEffect(Schema.Array(Miner))
const decodeCounts = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ id: Schema.Int, address: Schema.String, workers: Schema.Int }))
)

/** An address has no spaces. */
export const keyOf = ({ address, worker }: MinerName): string => `${address} ${worker}`

/** Finds workers, and creates missing ones, in the transaction in progress. */
export const makeMiners = Effect.map(SqlClient.SqlClient, (sql) => {
  const find = (names: ReadonlyArray<MinerName>) =>
    Effect.flatMap(
      sql`
        SELECT a.id AS "addressId", w.id AS "workerId", a.address, w.name AS worker, a.best AS "addressBest"
        FROM json_to_recordset(${rowsOf(names)}::json) AS r (address text, worker text)
        JOIN tbg_api.mining_addresses a ON a.address = r.address
        JOIN tbg_api.mining_workers w ON w.address_id = a.id AND w.name = r.worker`,
      (rows) => Effect.orDie(decodeMiners(rows))
    )

  /** Creates missing addresses, and returns the number of workers of each. */
  const countWorkers = Effect.fnUntraced(function* (addresses: ReadonlyArray<string>) {
    const rows = rowsOf(addresses.map((address) => ({ address })))
    yield* sql`
      INSERT INTO tbg_api.mining_addresses (address)
      SELECT address FROM json_to_recordset(${rows}::json) AS r (address text)
      WHERE NOT EXISTS (SELECT FROM tbg_api.mining_addresses a WHERE a.address = r.address)`
    const counts = yield* sql`
      SELECT a.id, a.address, a.workers FROM json_to_recordset(${rows}::json) AS r (address text)
      JOIN tbg_api.mining_addresses a ON a.address = r.address`
    return yield* Effect.orDie(decodeCounts(counts))
  })

  /** Creates workers up to the limit of each address; returns the name that each is counted under. */
  const create = Effect.fnUntraced(function* (missing: ReadonlyArray<MinerName>) {
    const byAddress = Map.groupBy(missing, ({ address }) => address)
    const addresses = yield* countWorkers([...byAddress.keys()])
    const named = addresses.flatMap(({ address, id, workers }) => {
      const others = (byAddress.get(address) ?? []).filter(({ worker }) => worker !== otherWorkers)
      const free = Math.max(0, maxWorkers - workers)
      const created = others.slice(0, free).map(({ worker }) => ({ id, address, worker, name: worker }))
      const folded = [...others.slice(free), ...(byAddress.get(address) ?? []).filter((name) => !others.includes(name))]
      return [...created, ...folded.map(({ worker }) => ({ id, address, worker, name: otherWorkers }))]
    })
    yield* sql`
      WITH created AS (
        INSERT INTO tbg_api.mining_workers (address_id, name)
        SELECT DISTINCT id, name FROM json_to_recordset(${rowsOf(named)}::json) AS r (id int, name text)
        ON CONFLICT (address_id, name) DO NOTHING
        RETURNING address_id, name
      )
      UPDATE tbg_api.mining_addresses a SET workers = workers + c.added
      FROM (SELECT address_id, count(*)::int AS added FROM created WHERE name <> ${otherWorkers} GROUP BY 1) c
      WHERE a.id = c.address_id`
    return named
  })

  return Effect.fnUntraced(function* (names: ReadonlyArray<MinerName>) {
    const distinct = [...new Map(names.map((name) => [keyOf(name), name])).values()]
    if (distinct.length === 0) return new Map<string, Miner>()
    const found = yield* find(distinct)
    const miners = new Map(found.map((miner) => [keyOf(miner), { ...miner, isNew: false }]))
    const missing = distinct.filter((name) => !miners.has(keyOf(name)))
    if (missing.length === 0) return miners
    const named = yield* create(missing)
    const created = yield* find(named.map(({ address, name }) => ({ address, worker: name })))
    const byName = new Map(created.map((miner) => [keyOf(miner), miner]))
    for (const { address, name, worker } of named) {
      const miner = byName.get(keyOf({ address, worker: name }))
      if (miner !== undefined) miners.set(keyOf({ address, worker }), { ...miner, isNew: name === worker })
    }
    return miners
  })
})
