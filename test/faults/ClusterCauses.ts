import { Context, Effect, Layer, Schedule } from "effect"
import { Redis } from "ioredis"
import { redisCluster } from "../support/RedisCluster.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"
import type { ThrowawayRedis } from "../support/ThrowawayRedis.ts"
import type { Cause } from "./Servers.ts"
import type { clusterFaults } from "./table/ClusterFaults.ts"

const nodeTimeoutMs = 500
const poll = Schedule.spaced("20 millis")

const connected = ({ url }: ThrowawayRedis) =>
  Effect.acquireRelease(
    // A caller learns of a failure from its response.
    Effect.sync(() => new Redis(url).on("error", () => {})),
    (client) => Effect.sync(() => client.disconnect())
  )

/** A Cluster of three masters that detects failures quickly, with a replica of the first in sync. */
const replicated = Effect.gen(function* () {
  const { nodes, url } = yield* redisCluster(3)
  const replica = yield* throwawayRedis({ cluster: true })
  const clients = yield* Effect.forEach([replica, ...nodes], connected)
  const [ofReplica, ofFirst] = clients
  const [first] = nodes
  if (ofReplica === undefined || ofFirst === undefined || first === undefined) return yield* Effect.die("no nodes")
  const text = (client: Redis, command: string, ...args: ReadonlyArray<string>) =>
    Effect.promise(async () => String(await client.call(command, ...args)))
  const until = (client: Redis, what: string, command: string, ...args: ReadonlyArray<string>) =>
    Effect.repeat(text(client, command, ...args), { schedule: poll, until: (answer) => answer.includes(what) })

  for (const client of clients) yield* text(client, "CONFIG", "SET", "cluster-node-timeout", String(nodeTimeoutMs))
  const id = yield* text(ofFirst, "CLUSTER", "MYID")
  yield* text(ofReplica, "CLUSTER", "MEET", first.host, String(first.port))
  yield* until(ofReplica, id, "CLUSTER", "NODES")
  yield* until(ofReplica, "cluster_slots_assigned:16384", "CLUSTER", "INFO")
  yield* text(ofReplica, "CLUSTER", "REPLICATE", id)
  yield* until(ofReplica, "master_link_status:up", "INFO", "replication")
  // The other masters declare a master failed, and each must know its replica.
  yield* Effect.forEach(clients, (client) => until(client, `slave ${id}`, "CLUSTER", "NODES"))
  return {
    url,
    killFirst: first.signal("SIGKILL"),
    failedOver: Effect.andThen(
      until(ofReplica, "role:master", "INFO", "replication"),
      until(ofReplica, "cluster_state:ok", "CLUSTER", "INFO")
    )
  }
})

export class ReplicatedCluster extends Context.Service<ReplicatedCluster, Effect.Success<typeof replicated>>()(
  "test/faults/ReplicatedCluster"
) {
  static readonly layer = Layer.effect(ReplicatedCluster, replicated)
}

const of = (begin: (cluster: ReplicatedCluster["Service"]) => Effect.Effect<unknown>) =>
  Effect.flatMap(ReplicatedCluster, begin)

export const clusterCauses: Record<keyof typeof clusterFaults, Cause<ReplicatedCluster>> = {
  "a master of the Redis Cluster fails over": {
    begin: of(({ killFirst }) => killFirst),
    end: of(({ failedOver }) => failedOver)
  }
}
