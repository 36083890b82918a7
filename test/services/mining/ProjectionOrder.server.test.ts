import { layer } from "@effect/vitest"
import { miningServices } from "../../support/mining/MiningServices.ts"
import { hasSameTablesInAnyOrder } from "../../support/mining/ProjectionOrderSuite.ts"

layer(miningServices)("Projection", (it) => {
  it.effect("has the same tables for a set of shares and their copies in any order and batches", () =>
    hasSameTablesInAnyOrder(6)
  )
})
