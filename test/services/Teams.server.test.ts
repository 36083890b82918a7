import { layer } from "@effect/vitest"
import { teamsSuite } from "../support/TeamsSuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("Teams in Postgres", teamsSuite)
