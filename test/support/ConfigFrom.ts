import { Effect } from "effect"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import type { Variables } from "../../src/layers/config/DotEnv.ts"

export const validSecret = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"

/** Settings that staging and production require. */
export const deployed = (environment: "staging" | "production"): Variables => ({
  TBG_ENVIRONMENT: environment,
  TBG_DATABASE_URL: "postgresql://tbg:hunter2@db.example.com/tbg",
  TBG_REDIS_URL: "redis://redis.example.com",
  TBG_SECRET_KEY: validSecret,
  TBG_PUBLIC_URL: "https://game.example.com"
})

/** The configuration from these variables only. */
export const configFrom = (variables: Variables) =>
  Effect.provide(
    Effect.map(AppConfig, (config) => config),
    AppConfig.layerFrom(variables)
  )

/** Problems of these variables. */
export const problemsIn = (variables: Variables) =>
  Effect.map(Effect.flip(configFrom(variables)), ({ problems }) => problems)

/** Names of the rejected variables. */
export const rejectedVariables = (variables: Variables) =>
  Effect.map(problemsIn(variables), (problems) => problems.map(({ variable }) => variable))
