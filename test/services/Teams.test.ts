import { layer } from "@effect/vitest"
import { teamsSuite } from "../support/TeamsSuite.ts"
import { memoryServices } from "../support/MigratedServices.ts"

layer(memoryServices)("Teams in memory", teamsSuite)
