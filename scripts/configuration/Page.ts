import { join } from "node:path"
import { titleOf } from "../../src/layers/config/EnvExample.ts"
import type { Basis, Environment, Setting } from "../../src/layers/config/Setting.ts"
import { settings } from "../../src/layers/config/Settings.ts"

/** The page that lists every setting, as it is committed. */
export const pageFile = join(import.meta.dirname, "..", "..", "docs", "configuration.md")

const head = `# Configuration

Made by \`npm run docs:configuration\` from the declaration in \`src/layers/config/\`; a test holds the two together.

Each variable comes from the environment or from \`.env\` in the working directory; the environment wins, and an empty value is as none. All that is wrong is printed at once, one line each, on standard error, with exit code 78. A name that begins with \`TBG_\` and is none of these is warned about, with the nearest that is. \`tbg config\` prints what is in force and where each value came from, secrets redacted; \`tbg doctor\` tries it out. \`.env.example\` is the same list as a file to copy.

## What production needs

Staging and production make nothing up: what is marked "required" below has no default there. This is the least that starts:

\`\`\`sh
TBG_ENVIRONMENT=production
TBG_DATABASE_URL=postgresql://tbg_api:PASSWORD@db.internal:5432/tbg?sslmode=require
TBG_REDIS_URL=rediss://:PASSWORD@redis.internal:6379
TBG_SECRET_KEY=$(openssl rand -hex 32)
\`\`\`

- A secret is to be one of your own: values that were published, such as those of examples, are refused in staging and production.
- Embedded stores, \`tbg seed\` and \`tbg serve --demo\` are refused in staging and production, \`TBG_DEBUG\` in production. The image runs as production unless \`TBG_ENVIRONMENT\` says otherwise.
- \`TBG_DATABASE_POOL_MIN\` is at most \`TBG_DATABASE_POOL_MAX\`.
- \`TBG_AUTH_PROVIDER\` wants the settings of its provider: \`TBG_SUPABASE_URL\`; \`TBG_CLERK_ISSUER\`; \`TBG_OAUTH_ISSUER\` and \`TBG_OAUTH_JWKS_URL\`.

## TLS to Postgres

\`sslmode\` in \`TBG_DATABASE_URL\` means what it means to libpq. Without it, the connection is encrypted if the server offers TLS.

| \`sslmode\` | encrypted | verified |
|---|---|---|
| \`disable\` | no | no |
| \`allow\` | if the server demands it | no |
| \`prefer\`, or none | if the server offers it | no |
| \`require\` | yes | no |
| \`verify-ca\` | yes | the certificate's authority |
| \`verify-full\` | yes | the authority, and the host's name |

\`sslrootcert=FILE\` names trusted authorities; the modes up to \`require\` then verify them too. Without it, \`verify-ca\` and \`verify-full\` trust those of Node.js and of the file in \`NODE_EXTRA_CA_CERTS\`. \`sslrootcert=system\` means \`verify-full\` with these. \`sslcert\`, \`sslkey\` and \`sslpassword\` name our own certificate. Files are read for each connection. Other parameters of libpq have no effect; a warning at startup names them.

## Proxies

Behind a proxy, set \`TBG_TRUSTED_PROXIES\` and, unless it sends X-Forwarded-For, \`TBG_CLIENT_ADDRESS_HEADER\`; otherwise all of its callers share one limit. With several replicas, set \`TBG_REPLICAS\`.`

const environments: ReadonlyArray<Environment> = ["development", "test", "staging", "production"]
const plain: Basis = { environment: "development", debug: false, terminal: false, textOf: () => undefined }

const list = new Intl.ListFormat("en-GB")

const code = (text: string): string => (text === "" ? "none" : `\`${text}\``)

/** What stands in for a setting that nothing says; secrets are shown as such. */
const defaultOn = ({ read }: Setting<unknown>, basis: Partial<Basis>): string => {
  const { problem, shown } = read({ ...plain, ...basis })
  if (problem !== undefined) return "required"
  return shown === "<redacted>" ? "a published value" : code(shown)
}

/** The default in development, and where it is another one. */
const defaultOf = (setting: Setting<unknown>): string => {
  const usual = defaultOn(setting, {})
  const elsewhere = Map.groupBy(environments, (environment) => defaultOn(setting, { environment }))
  const others = [
    ...[...elsewhere].map(([value, where]) => [value, `in ${list.format(where)}`] as const),
    [defaultOn(setting, { debug: true }), "with `TBG_DEBUG`"] as const,
    [defaultOn(setting, { terminal: true }), "on a terminal"] as const
  ].filter(([value]) => value !== usual)
  return [usual, ...others.map(([value, where]) => `${value} ${where}`)].join("; ")
}

const inCell = (text: string): string => text.replaceAll("|", "\\|")

const rowOf = (setting: Setting<unknown>): string => {
  const { alias, doc, variable, wanted } = setting
  const also = alias === undefined ? "" : ` Also read from \`${alias}\`.`
  return `| ${[`\`${variable}\``, `${doc}${also}`, defaultOf(setting), wanted].map(inCell).join(" | ")} |`
}

/** `rateLimit` as `Rate limit`, `apiKeys` as `API keys`. */
const headingOf = (group: string): string => {
  const title = titleOf(group).replace(/^(http|api)\b/, (name) => name.toUpperCase())
  return title.charAt(0).toUpperCase() + title.slice(1)
}

const tableOf = ([group, members]: [string, Readonly<Record<string, Setting<unknown>>>]): string =>
  [
    `## ${headingOf(group)}\n`,
    "| variable | meaning | default | accepted |",
    "|---|---|---|---|",
    ...Object.values(members).map(rowOf)
  ].join("\n")

/** The text of the page. */
export const page: string = `${[head, ...Object.entries(settings).map(tableOf)].join("\n\n")}\n`
