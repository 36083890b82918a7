import { join } from "node:path"
import { bounds, busyMs, recoveryMs, settings } from "./Fault.ts"
import type { Answers, Expected, Fault } from "./Fault.ts"
import { readyStatusOf } from "./Round.ts"
import { clusterFaults } from "./table/ClusterFaults.ts"
import { databaseFaults } from "./table/DatabaseFaults.ts"
import { databaseNetworkFaults } from "./table/DatabaseNetworkFaults.ts"
import { failoverFaults } from "./table/FailoverFaults.ts"
import { redisFaults } from "./table/RedisFaults.ts"
import { redisNetworkFaults } from "./table/RedisNetworkFaults.ts"

/** Path of the page. */
export const pageFile = join(import.meta.dirname, "..", "..", "docs", "faults.md")

const sections: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  Postgres: { ...databaseFaults, ...failoverFaults, ...databaseNetworkFaults },
  Redis: { ...redisFaults, ...clusterFaults, ...redisNetworkFaults }
}

const either = (words: ReadonlyArray<string | number>) => words.join(" or ")
const seconds = (milliseconds: number) => `${milliseconds / 1000} s`
const responseOf = ({ statuses, within }: Answers) => `${either(statuses)}, ${bounds[within].text}`

/** The status of /ready follows from its checks (contract section 2). One of the dependencies is always sound. */
const readyOf = ({ database, redis }: Expected) => {
  const statuses = [...new Set(database.map(readyStatusOf))].toSorted((a, b) => a - b)
  const words = [...new Set([...database, ...redis])].map((check) => `\`${check.replace("error: ", "")}\``)
  const faults = words.filter((word) => word !== "`ok`")
  return [either(statuses), ...(faults.length === 0 ? [] : [either(faults)])].join(", ")
}

const columns: Readonly<Record<string, (name: string, fault: Fault) => string>> = {
  fault: (name, { cause }) => `${name}: ${cause}`,
  "`/ready`": (_, { expected }) => readyOf(expected),
  read: (_, { expected }) => responseOf(expected.read),
  write: (_, { expected }) => responseOf(expected.write),
  "`/version`": (_, { expected }) => responseOf(expected.limited)
}

const rowOf = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

/** A table of the columns whose cells differ, after a list of the others. */
const section = ([title, faults]: [string, Readonly<Record<string, Fault>>]) => {
  const cells = Object.entries(columns).map(([head, cellOf]) => ({
    head,
    values: Object.entries(faults).map(([name, fault]) => cellOf(name, fault))
  }))
  const same = cells.filter(({ values }) => new Set(values).size === 1)
  const different = cells.filter((column) => !same.includes(column))
  return [
    `## ${title}\n`,
    `In every row: ${same.map(({ head, values: [value = ""] }) => `${head} ${value}`).join("; ")}.\n`,
    rowOf(different.map(({ head }) => head)),
    `|${different.map(() => "---|").join("")}`,
    ...Object.keys(faults).map((_, index) => rowOf(different.map(({ values }) => values[index] ?? "")))
  ].join("\n")
}

/** The text of docs/faults.md: the expectations of the tests in this folder. */
export const page = `# Faults

For operators. This page lists the responses to callers when Postgres, Redis or the network to them fails. Each row is a test with real servers (\`npm test -- test/faults\`). \`npm run docs:faults\` generates the page.

During every fault:

- No request waits longer than \`TBG_REQUEST_TIMEOUT_MS\` and a twentieth. \`/ready\` answers within \`TBG_READY_TIMEOUT_MS\`, and \`/health\` returns 200 at once.
- A request that cannot be served gets 503 with \`Retry-After\`. It never gets a 500 or details of the server.
- An acknowledged write is in the database exactly once. Any other write is there once or not at all, and can be retried with an \`Idempotency-Key\`.
- Within ${seconds(recoveryMs)} of the end of the fault, the service has recovered without a restart.

A read is \`GET /v1/teams/{team}/posts\`, a write is a \`POST\` to the same path. Each cell has the status and the time limit: at once (${bounds.prompt.ms} ms), or half or the full deadline (\`TBG_REQUEST_TIMEOUT_MS\`). The tests use a deadline of ${seconds(settings.requestTimeoutMs)} and allow ${seconds(busyMs)} more for a busy machine. If a row has two statuses, the result depends on timing. The \`/ready\` column names the faults that the affected check may report.

One case has no row. If the network drops a connection during a write with an \`Idempotency-Key\`, retries get 409 for five seconds, because Postgres still holds the lock.

${Object.entries(sections).map(section).join("\n\n")}
`
