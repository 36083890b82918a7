import { expectedBy } from "../../src/layers/config/Row.ts"
import type { Row } from "../../src/layers/config/Row.ts"
import { table } from "../../src/layers/config/Table.ts"

const head = `# The variables of the service and their defaults. Copy this to .env and uncomment what you change; what the
# environment says wins over .env. \`npm run tbg -- config\` shows what is in force. Made by \`npm run env:example\`.`

const linesOf = ({ alias, codec, doc, env, example }: Row<unknown>): string => {
  const also = alias === undefined ? "" : ` Also read from ${alias}.`
  return `# ${doc}${also}\n#   ${expectedBy(codec)}\n#${env}=${example}`
}

/** Returns `rate limit` for `rateLimit`. */
export const titleOf = (group: string): string => group.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The text of `.env.example`. */
export const envExample: string = `${[
  head,
  ...Object.entries(table).map(([group, members]) =>
    [`# --- ${titleOf(group)} ---`, ...Object.values(members).map(linesOf)].join("\n\n")
  )
].join("\n\n")}\n`
