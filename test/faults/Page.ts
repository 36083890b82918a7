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
  Postgres: { ...databaseFaults, ...failoverFaults },
  "The way to Postgres": databaseNetworkFaults,
  Redis: { ...redisFaults, ...clusterFaults },
  "The way to Redis": redisNetworkFaults
}

const either = (words: ReadonlyArray<string | number>) => words.join(" or ")
const seconds = (milliseconds: number) => `${milliseconds / 1000} s`
const cell = ({ statuses, within }: Answers) => `${either(statuses)}, ${bounds[within].text}`

/** Its status follows from what it says (contract section 2). */
const readyCell = ({ database, redis }: Expected) => {
  const statuses = [...new Set(database.map(readyStatusOf))].toSorted((a, b) => a - b)
  const told = Object.entries({ database, redis })
    .filter(([, checks]) => checks.some((check) => check !== "ok"))
    .map(([name, checks]) => `; ${name} ${either(checks.map((check) => `\`${check}\``))}`)
  return `${either(statuses)}${told.join("")}`
}

const row = ([name, { cause, end, expected }]: [string, Fault]) => {
  const { limited, read, write } = expected
  const answers = [readyCell(expected), cell(read), cell(write), cell(limited)]
  return `| ${[name, cause, end ?? "nothing: it is over at once", ...answers, seconds(recoveryMs)].join(" | ")} |`
}

const table = ([title, faults]: [string, Readonly<Record<string, Fault>>]) =>
  [
    `## ${title}`,
    "",
    "| fault | caused by | ended by | /ready | a read | a write | /version | sound again within |",
    "|---|---|---|---|---|---|---|---|",
    ...Object.entries(faults).map(row),
    ""
  ].join("\n")

/** The text of docs/faults.md: what the tests of this folder expect, in words. */
export const page = `# Faults

Responses to callers when a dependency of the service fails. Each row is a test with a real Postgres, a real Redis and the service in a separate process (\`npm test -- test/faults\`). \`npm run docs:faults\` generates this page from the same tables, and a test compares the two.

During every fault:

- No request waits past \`TBG_REQUEST_TIMEOUT_MS\`, the deadline, by more than a twentieth of it; /ready answers within \`TBG_READY_TIMEOUT_MS\`; /health is 200 at once.
- Requests that cannot be served get 503 with \`Retry-After\` and the body of \`SERVICE_UNAVAILABLE\` or \`OVERLOADED\`. They never get a 500, an address, a role, a password or a message of a driver.
- A write that was acknowledged is in the database exactly once. An unacknowledged write is there once or not at all; with an \`Idempotency-Key\`, the caller can retry it, and it is then there once.
- When the cause has ended, the service recovers within the time in the row, without a restart: /ready reports \`ready\`, reads and writes succeed, and the limiter counts in Redis.

A read is \`GET /v1/teams/{team}/posts\`, a write \`POST\` of the same, with and without an \`Idempotency-Key\`; /version is limited and does not need Postgres. The tests run with a deadline of ${seconds(settings.requestTimeoutMs)} and a budget of ${settings.limitBudgetMs} ms for a check in Redis (\`TBG_RATE_LIMIT_BUDGET_MS\`); "at once" is ${bounds.prompt.ms} ms, and ${seconds(busyMs)} more are allowed for a busy machine. If a row has two statuses, the result depends on timing: a read is retried once after its session is lost, and a write without a key never is.

Two things have no row:

- If Redis fails again within ten seconds of its recovery, it is tried less often each time, down to every four seconds. Until then, the limiter counts in the process.
- If the network drops a connection during a write with an \`Idempotency-Key\`, Postgres keeps the transaction and the lock of the key for five seconds (\`idle_in_transaction_session_timeout\`). During that time, the same key gets 409, then 201.

${Object.entries(sections).map(table).join("\n")}`
