import { layer } from "@effect/vitest"
import { idempotencySuite } from "../support/IdempotencySuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("Idempotency in Postgres", idempotencySuite)
