import { layer } from "@effect/vitest"
import { memoryKeyStore } from "../support/memory/KeyStore.ts"
import { keyStoreSuite } from "../support/KeyStoreSuite.ts"
import { memoryServices } from "../support/MigratedServices.ts"

layer(memoryServices)("the key store in memory", keyStoreSuite(memoryKeyStore))
