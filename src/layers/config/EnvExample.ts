import type { Setting } from "./Setting.ts"
import { settings } from "./Settings.ts"

const head = `# The variables of the service and their defaults. Copy this to .env and uncomment what you change; what the
# environment says wins over .env. \`npm run tbg -- config\` shows what is in force. Made by \`npm run env:example\`.`

const linesOf = ({ alias, doc, example, variable, wanted }: Setting<unknown>): string => {
  const also = alias === undefined ? "" : ` Also read from ${alias}.`
  return `# ${doc}${also}\n#   ${wanted}\n#${variable}=${example}`
}

/** `rateLimit` as `rate limit`. */
export const titleOf = (group: string): string => group.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The text of `.env.example`. */
export const envExample: string = `${[
  head,
  ...Object.entries(settings).map(([group, members]) =>
    [`# --- ${titleOf(group)} ---`, ...Object.values(members).map(linesOf)].join("\n\n")
  )
].join("\n\n")}\n`
