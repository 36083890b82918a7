import type { Redacted } from "effect"
import { missingForProvider } from "./AuthSettings.ts"
import type { AuthValues } from "./AuthSettings.ts"
import type { Problem } from "./ConfigInvalid.ts"
import { isPlaceholder } from "./Secret.ts"
import { isDeployed } from "./Setting.ts"
import type { Environment } from "./Setting.ts"

interface Values {
  readonly environment: Environment
  readonly debug: boolean
  readonly database: { readonly poolMin: number; readonly poolMax: number }
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

/** What is wrong between settings that are right by themselves. Defaults stand in for `invalid` ones: not judged. */
export const problemsBetween = (values: Values, invalid: ReadonlySet<string>): ReadonlyArray<Problem> => [
  ...debugInProduction(values),
  ...(invalid.has("TBG_DATABASE_POOL_MAX") ? [] : poolBounds(values)),
  ...[...publishedSecrets(values), ...missingForProvider(values.auth)].filter(({ variable }) => !invalid.has(variable))
]
