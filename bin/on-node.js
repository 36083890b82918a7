// Runs a command with a Node.js that is new enough first on its PATH.
// Used by the scripts of package.json: `node bin/on-node.js COMMAND ARGUMENTS…`.
import { delimiter, dirname } from "node:path"
import { requireNode, run } from "./find-node.js"

const node = await requireNode("npm run")
process.env.PATH = [dirname(node), process.env.PATH].join(delimiter)
const [command, ...args] = process.argv.slice(2)
run(command, args)
