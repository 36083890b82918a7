import { layer } from "@effect/vitest"
import { apiKeysSuite } from "../support/ApiKeysSuite.ts"
import { memoryServices } from "../support/MigratedServices.ts"

layer(memoryServices)("ApiKeys in memory", apiKeysSuite)
