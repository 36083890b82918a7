import { layer } from "@effect/vitest"
import { idempotencySuite } from "../support/IdempotencySuite.ts"
import { memoryServices } from "../support/MigratedServices.ts"

layer(memoryServices)("Idempotency in memory", idempotencySuite)
