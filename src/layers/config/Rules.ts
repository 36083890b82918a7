import type { Redacted } from "effect"
import { missingForProvider } from "./AuthSettings.ts"
import type { AuthValues } from "./AuthSettings.ts"
import type { Problem } from "./ConfigInvalid.ts"
import type { DatabaseTarget } from "./DatabaseTarget.ts"
import type { RedisTarget } from "./RedisTarget.ts"
import { isPlaceholder } from "./Secret.ts"
import { isDeployed } from "./Setting.ts"
import type { Environment } from "./Setting.ts"

interface Values {
  readonly environment: Environment
  readonly debug: boolean
  readonly database: { readonly target: DatabaseTarget; readonly poolMin: number; readonly poolMax: number }
  readonly redis: { readonly target: RedisTarget }
  readonly apiKeys: { readonly secret: Redacted.Redacted; readonly previousSecret: Redacted.Redacted | undefined }
  readonly auth: AuthValues
}

const debugInProduction = ({ debug, environment }: Values): ReadonlyArray<Problem> =>
  debug && environment === "production" ? [{ variable: "TBG_DEBUG", found: "true", wanted: "false in production" }] : []

const poolBounds = ({ database: { poolMax, poolMin } }: Values): ReadonlyArray<Problem> =>
  poolMin > poolMax
    ? [
        {
          variable: "TBG_DATABASE_POOL_MIN",
          found: `"${poolMin}"`,
          wanted: `at most TBG_DATABASE_POOL_MAX, which is ${poolMax}`
        }
      ]
    : []

const publishedSecrets = ({ apiKeys, environment }: Values): ReadonlyArray<Problem> =>
  [
    { variable: "TBG_SECRET_KEY", key: apiKeys.secret },
    { variable: "TBG_SECRET_KEY_PREVIOUS", key: apiKeys.previousSecret }
  ]
    .filter(({ key }) => isDeployed(environment) && key !== undefined && isPlaceholder(key))
    .map(({ variable }) => ({
      variable,
      found: "a published placeholder, redacted",
      wanted: "a secret of your own in staging and production, such as `openssl rand -hex 32` prints"
    }))

/** Embedded stores lose their data with the process and share it with no other. */
const embeddedStores = ({ database, environment, redis }: Values): ReadonlyArray<Problem> =>
  [
    { variable: "TBG_DATABASE_URL", target: database.target, wanted: "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" },
    { variable: "TBG_REDIS_URL", target: redis.target, wanted: "redis://HOST:PORT" }
  ]
    .filter(({ target }) => isDeployed(environment) && target._tag === "Embedded")
    .map(({ variable, wanted }) => ({
      variable,
      found: "an embedded store",
      wanted: `${wanted} in staging and production`
    }))

/** What is wrong between settings that are right by themselves. Defaults stand in for `invalid` ones: not judged. */
export const problemsBetween = (values: Values, invalid: ReadonlySet<string>): ReadonlyArray<Problem> => [
  ...debugInProduction(values),
  ...(invalid.has("TBG_DATABASE_POOL_MAX") ? [] : poolBounds(values)),
  ...[...embeddedStores(values), ...publishedSecrets(values), ...missingForProvider(values.auth)].filter(
    ({ variable }) => !invalid.has(variable)
  )
]
