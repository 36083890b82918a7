import { Effect, Layer } from "effect"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { Database } from "../../src/layers/Database.ts"

/** The real layer over `url`. */
export const databaseAt = (url: string, variables: Record<string, string> = {}) =>
  Database.layer.pipe(
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: url, ...variables }))
  )

/** One round trip through the layer in scope. */
export const probe = Effect.flatMap(Database, (database) => database.probe)
