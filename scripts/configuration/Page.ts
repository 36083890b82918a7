import { join } from "node:path"
import { Environment, onDeployed } from "../../src/layers/config/Rules.ts"
import { contextOf } from "../../src/layers/config/Read.ts"
import { expectedBy, shown } from "../../src/layers/config/Row.ts"
import type { Context, Row } from "../../src/layers/config/Row.ts"
import { table } from "../../src/layers/config/Table.ts"
import { titleOf } from "./EnvExample.ts"

/** The page that lists every setting, as it is committed. */
export const pageFile = join(import.meta.dirname, "..", "..", "docs", "configuration.md")

const head = `# Configuration

For operators. This page lists every setting. \`npm run docs:configuration\` generates it from \`src/layers/config/\`, and \`.env.example\` has the same list to copy.

Variables come from the environment or from \`.env\` in the working directory. The environment wins, and an empty value counts as unset. Invalid settings are printed at once, with exit code 78. An unknown \`TBG_\` name gets a warning. \`tbg config\` prints each value in effect and its source; \`tbg doctor\` checks that they work.

Numbers are whole, except for \`TBG_RATE_LIMIT_WINDOW_SECONDS\` and \`TBG_TRACE_SAMPLE_RATIO\`. Booleans are also 1/0, yes/no and on/off.

## Production

Settings marked "required" below have no default in staging and production. The minimum is:

\`\`\`sh
TBG_ENVIRONMENT=production
TBG_DATABASE_URL=postgresql://tbg_api:PASSWORD@db.internal:5432/tbg?sslmode=require
TBG_REDIS_URL=rediss://:PASSWORD@redis.internal:6379
TBG_SECRET_KEY=$(openssl rand -hex 32)
TBG_PUBLIC_URL=https://game.example.com
\`\`\`

Staging and production refuse published secrets, embedded stores, \`tbg seed\` and \`tbg serve --demo\`. The image sets \`TBG_ENVIRONMENT=production\`.

Behind a proxy, set \`TBG_TRUSTED_PROXIES\` and, unless it sends X-Forwarded-For, \`TBG_CLIENT_ADDRESS_HEADER\`. Otherwise all clients behind it share one limit. With several replicas, set \`TBG_REPLICAS\`.

## TLS to Postgres

\`sslmode\` and \`sslrootcert\` in \`TBG_DATABASE_URL\` work as in libpq: \`verify-full\` verifies the certificate and the host name, \`verify-ca\` only the certificate, and \`require\` neither. The default, \`prefer\`, encrypts if the server offers it. Without \`sslrootcert\`, the authorities of Node.js and \`NODE_EXTRA_CA_CERTS\` are trusted. \`sslcert\`, \`sslkey\` and \`sslpassword\` configure the client certificate. Other libpq parameters have no effect and get a warning.`

const contextWith = (variable: string, text: string) => contextOf({ [variable]: text }, {}, false)
const debug = contextWith("TBG_DEBUG", "true")
const terminal = contextOf({}, {}, true)

const list = new Intl.ListFormat("en-GB")

const code = (text: string): string => (text === "" ? "none" : `\`${text}\``)

/** Describes the default of a row, without secrets. */
const defaultOn = (row: Row<unknown>, context: Context): string => {
  if (row.required && onDeployed(context)) return "required"
  const text = shown(row.codec, row.default(context))
  return text === "<redacted>" ? "a published value" : code(text)
}

/** Describes the default in development, and the contexts with another one. */
const defaultOf = (row: Row<unknown>): string => {
  const usual = defaultOn(row, contextOf({}, {}, false))
  const elsewhere = Map.groupBy(Environment.literals, (name) => defaultOn(row, contextWith("TBG_ENVIRONMENT", name)))
  const others = [
    ...[...elsewhere].map(([value, where]) => [value, `in ${list.format(where)}`] as const),
    [defaultOn(row, debug), "with `TBG_DEBUG`"] as const,
    [defaultOn(row, terminal), "on a terminal"] as const
  ].filter(([value]) => value !== usual)
  return [usual, ...others.map(([value, where]) => `${value} ${where}`)].join("; ")
}

/** The accepted values, in fewer words than the messages of the service. */
const acceptedBy = (row: Row<unknown>): string =>
  expectedBy(row.codec)
    .replace(/^a (?:whole )?number from (\S+) to (\S+)$/, "$1–$2")
    .replace(/^true or false .*/, "`true`, `false`")
    .replace(/^text of at most (\d+) .*/, "text, up to $1 characters")

const inCell = (text: string): string => text.replaceAll("|", "\\|")

const lineOf = (row: Row<unknown>): string => {
  const { alias, doc, env } = row
  const also = alias === undefined ? "" : ` Also read from \`${alias}\`.`
  return `| ${[`\`${env}\``, `${doc}${also}`, defaultOf(row), acceptedBy(row)].map(inCell).join(" | ")} |`
}

/** Returns `Rate limit` for `rateLimit`, and `API keys` for `apiKeys`. */
const headingOf = (group: string): string => {
  const title = titleOf(group).replace(/^(http|api)\b/, (name) => name.toUpperCase())
  return title.charAt(0).toUpperCase() + title.slice(1)
}

const tableOf = ([group, members]: [string, Readonly<Record<string, Row<unknown>>>]): string =>
  [
    `## ${headingOf(group)}\n`,
    "| variable | meaning | default | accepted |",
    "|---|---|---|---|",
    ...Object.values(members).map(lineOf)
  ].join("\n")

/** The text of the page. */
export const page: string = `${[head, ...Object.entries(table).map(tableOf)].join("\n\n")}\n`
