import { layer } from "@effect/vitest"
import { postPagesSuite } from "../support/PostPagesSuite.ts"
import { postsSuite } from "../support/PostsSuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("Posts in Postgres", postsSuite)
layer(realServices)("pages of Posts in Postgres", postPagesSuite)
