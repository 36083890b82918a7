import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Connection, FoundBlock, NetworkBlock } from "../../../domain/mining/Event.ts"
import { isBetter } from "../../../domain/mining/Fold.ts"
import { timestampOf } from "../../../domain/Timestamp.ts"
import { keyOf } from "./Miners.ts"
import type { Miner } from "./Miners.ts"
import { rowsOf, timeOf } from "./Rows.ts"
import type { ShareSighting } from "./Sightings.ts"

/** Events of a commit, for live updates. */
export interface Occurrences {
  readonly miners: ReadonlyMap<string, Miner>
  readonly added: ReadonlyArray<ShareSighting>
  readonly fresh: ReadonlyArray<ShareSighting>
  readonly connections: ReadonlyArray<Connection>
  readonly found: ReadonlyArray<FoundBlock & { readonly id: number }>
  readonly network: ReadonlyArray<NetworkBlock>
}

interface Fact {
  readonly addressId: number | null
  readonly kind: "best" | "block" | "worker"
  readonly at: number
  readonly data: object
}

const namesOf = (miners: ReadonlyMap<string, Miner>) =>
  new Map([...miners.values()].map((miner) => [miner.workerId, { address: miner.address, worker: miner.worker }]))

/** Earliest time by key. */
const earliestBy = <A extends { readonly at: number }, Key>(
  events: ReadonlyArray<A>,
  keyOf: (event: A) => Key
): ReadonlyMap<Key, number> => {
  const earliest = new Map<Key, number>()
  for (const event of events) {
    const key = keyOf(event)
    earliest.set(key, Math.min(event.at, earliest.get(key) ?? event.at))
  }
  return earliest
}

const workerFacts = ({ connections, fresh, miners }: Occurrences): ReadonlyArray<Fact> => {
  const shares = earliestBy(fresh, ({ workerId }) => workerId)
  const connected = earliestBy(connections, keyOf)
  return [...miners].flatMap(([key, { address, addressId, isNew, worker, workerId }]) => {
    const at = Math.min(shares.get(workerId) ?? Infinity, connected.get(key) ?? Infinity)
    if (!isNew || at === Infinity) return []
    return [
      { addressId, kind: "worker", at, data: { type: "worker", address, worker, state: "seen", at: timestampOf(at) } }
    ]
  })
}

/** New best share of each address. */
const bestFacts = ({ added, miners }: Occurrences): ReadonlyArray<Fact> => {
  const names = namesOf(miners)
  const previous = new Map([...miners.values()].map(({ addressBest, addressId }) => [addressId, addressBest]))
  return [...Map.groupBy(added, ({ addressId }) => addressId)].flatMap(([addressId, shares]) => {
    const best = shares.reduce((a, b) => (isBetter(b, a) ? b : a))
    const before = previous.get(addressId) ?? null
    if (before !== null && best.reached <= before) return []
    const { at, reached: difficulty, workerId } = best
    const data = { type: "best", ...names.get(workerId), difficulty, previous: before, at: timestampOf(at) }
    return [{ addressId, kind: "best", at, data }]
  })
}

const blockFacts = ({ found, miners }: Occurrences): ReadonlyArray<Fact> =>
  found.map(({ address, at, difficulty, hash, height, id, worker }) => {
    const miner = address === null || worker === null ? undefined : miners.get(keyOf({ address, worker }))
    const data = { id, height, hash, address, worker: miner?.worker ?? null, difficulty, at: timestampOf(at) }
    return { addressId: miner?.addressId ?? null, kind: "block", at, data: { type: "block", ...data } }
  })

const shareEvents = ({ fresh, miners }: Occurrences): ReadonlyArray<object> => {
  const names = namesOf(miners)
  return fresh.flatMap(({ at, difficulty, isRefilled, reached, workerId }) =>
    isRefilled ? [] : [{ type: "share", ...names.get(workerId), at: timestampOf(at), difficulty, reached }]
  )
}

const connectionEvents = ({ connections, miners }: Occurrences): ReadonlyArray<object> =>
  connections.map((connection) => ({
    type: "worker",
    address: connection.address,
    worker: miners.get(keyOf(connection))?.worker ?? null,
    state: connection._tag === "Connected" ? "connected" : "disconnected",
    at: timestampOf(connection.at)
  }))

const networkEvents = ({ network }: Occurrences): ReadonlyArray<object> =>
  network.map(({ at, difficulty, hash, height }) => ({
    type: "network",
    height,
    hash,
    difficulty,
    at: timestampOf(at)
  }))

/** Writes bests, blocks and new workers to `mining_facts`, in the transaction in progress, and returns them. */
export const makeFacts = Effect.map(SqlClient.SqlClient, (sql) =>
  Effect.fnUntraced(function* (occurrences: Occurrences) {
    const facts = [...workerFacts(occurrences), ...bestFacts(occurrences), ...blockFacts(occurrences)]
    if (facts.length > 0) {
      yield* sql`
        INSERT INTO tbg_api.mining_facts (address_id, kind, at, data)
        SELECT "addressId", kind, ${timeOf(sql, "at")}, data
        FROM json_to_recordset(${rowsOf(facts)}::json) AS r ("addressId" int, kind text, at double precision, data json)`
    }
    return facts
  })
)

/** Writes `mining_outbox` and `mining_facts`, in the transaction in progress; returns the number of events. */
export const makeOutbox = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const writeFacts = yield* makeFacts
  return Effect.fnUntraced(function* (occurrences: Occurrences, last: number) {
    const facts = yield* writeFacts(occurrences)
    const events = [
      ...connectionEvents(occurrences),
      ...shareEvents(occurrences),
      ...networkEvents(occurrences),
      ...facts.map(({ data }) => data)
    ]
    if (events.length === 0) return 0
    yield* sql`
      INSERT INTO tbg_api.mining_outbox (last, first, at, events)
      VALUES (${last + events.length}::bigint, ${last + 1}::bigint, clock_timestamp(), ${JSON.stringify(events)})`
    return events.length
  })
})
