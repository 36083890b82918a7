import { layer } from "@effect/vitest"
import { embeddedMiningServices } from "../../support/mining/MiningServices.ts"
import { hasSameTablesInAnyOrder } from "../../support/mining/ProjectionOrderSuite.ts"

layer(embeddedMiningServices)("Projection over the embedded database", (it) => {
  it.effect("has the same tables for a set of shares in whatever order and batches they arrive", () =>
    hasSameTablesInAnyOrder(1)
  )
})
