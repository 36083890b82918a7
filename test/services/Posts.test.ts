import { layer } from "@effect/vitest"
import { postPagesSuite } from "../support/PostPagesSuite.ts"
import { postsSuite } from "../support/PostsSuite.ts"
import { memoryServices } from "../support/MigratedServices.ts"

layer(memoryServices)("Posts in memory", postsSuite)
layer(memoryServices)("pages of Posts in memory", postPagesSuite)
