import { layer } from "@effect/vitest"
import { miningServices } from "../../support/mining/MiningServices.ts"
import { hasSameTablesInAnyOrder } from "../../support/mining/ProjectionOrderSuite.ts"

layer(miningServices)("Projection", (it) => {
  it.effect("has the same tables for a set of shares, in whatever order and batches they and their copies arrive", () =>
    hasSameTablesInAnyOrder(6)
  )
})
