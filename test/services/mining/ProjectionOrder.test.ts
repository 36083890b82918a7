import { layer } from "@effect/vitest"
import { embeddedMiningServices } from "../../support/mining/MiningServices.ts"
import { hasSameTablesInAnyOrder } from "../../support/mining/ProjectionOrderSuite.ts"

layer(embeddedMiningServices)("Projection over the embedded database", (it) => {
  it.effect("has the same tables for a set of shares in any order and batches", () => hasSameTablesInAnyOrder(1))
})
