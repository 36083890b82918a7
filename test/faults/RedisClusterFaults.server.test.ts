import { describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { freshDatabase } from "../support/TestDatabase.ts"
import { clusterCauses, ReplicatedCluster } from "./ClusterCauses.ts"
import { longest, repeated, verified } from "./Runner.ts"
import { Subject } from "./Subject.ts"
import { clusterFaults } from "./table/ClusterFaults.ts"

const subject = Subject.layerOn(
  Effect.gen(function* () {
    const { url: redisUrl } = yield* ReplicatedCluster
    const url = Redacted.value((yield* freshDatabase).url)
    return { databaseUrl: url, directUrl: url, redisUrl }
  })
)
const name = "a master of the Redis Cluster fails over"

describe("docs/faults.md matches what callers see if", () => {
  it.live(
    name,
    () =>
      verified(clusterFaults[name], clusterCauses[name]).pipe(
        // A Cluster each time: the one that has lost a master has no other replica.
        Effect.provide(Layer.fresh(Layer.provideMerge(subject, ReplicatedCluster.layer))),
        repeated
      ),
    longest
  )
})
