import { layer } from "@effect/vitest"
import { sqlKeyStore } from "../../src/services/apiKeys/KeyStore.ts"
import { keyStoreSuite } from "../support/KeyStoreSuite.ts"
import { realServices } from "../support/MigratedServices.ts"

layer(realServices)("the key store in Postgres", keyStoreSuite(sqlKeyStore))
