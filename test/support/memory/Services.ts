import { Layer } from "effect"
import { ApiKeys } from "../../../src/services/ApiKeys.ts"
import type { ApiKeysOptions } from "../../../src/services/ApiKeys.ts"
import { Idempotency } from "../../../src/services/Idempotency.ts"
import { Posts } from "../../../src/services/Posts.ts"
import { memoryAnswers } from "./Idempotency.ts"
import { memoryKeyStore } from "./KeyStore.ts"
import { memoryPosts } from "./Posts.ts"
import { memoryTeams } from "./Teams.ts"

/** In-process team services with the same rules as the Postgres ones. */
export const inMemory = (options: ApiKeysOptions) =>
  Layer.mergeAll(
    memoryTeams,
    Layer.effect(Posts, memoryPosts),
    Layer.effect(Idempotency, memoryAnswers),
    ApiKeys.layerOver(memoryKeyStore, options)
  )
