import { layer } from "@effect/vitest"
import { apiKeysSuite } from "../support/ApiKeysSuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("ApiKeys in Postgres", apiKeysSuite)
