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

/** Where the page is kept. */
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

What callers see when something that the service needs breaks. Each row is a test on a real Postgres, a real Redis and the service as a process of its own (\`npm test -- test/faults\`); this page is written from the same tables by \`npm run docs:faults\`, and a test compares the two.

Under every fault:

- No request waits past \`TBG_REQUEST_TIMEOUT_MS\`, the deadline, by more than a twentieth of it; /ready answers within \`TBG_READY_TIMEOUT_MS\`; /health is 200 at once.
- What cannot be served is 503 with \`Retry-After\` and the body of \`SERVICE_UNAVAILABLE\` or \`OVERLOADED\`, and nothing else: no 500, no address, role, password or word of a driver.
- A write that was acknowledged is in the database exactly once. One that was not is there once or not at all; with an \`Idempotency-Key\` it may be sent again, and is there once then.
- When the cause has ended, everything is sound again in the time that the row says, without a restart: /ready says \`ready\`, reads and writes succeed, and the limiter counts in Redis.

A read is \`GET /v1/teams/{team}/posts\`, a write \`POST\` of the same, with and without an \`Idempotency-Key\`; /version is limited and does not need Postgres. The tests run with a deadline of ${seconds(settings.requestTimeoutMs)} and a budget of ${settings.limitBudgetMs} ms for a check in Redis (\`TBG_RATE_LIMIT_BUDGET_MS\`); "at once" is ${bounds.prompt.ms} ms, and ${seconds(busyMs)} more are allowed for a busy machine. Where two statuses are named, it depends on the moment: a read is run again once when its session was lost, a write without a key never is.

Two things have no row:

- A Redis that fails again within ten seconds of its return is tried less often each time, at last every four seconds; until then the limiter counts in the process.
- When the network forgets a connection in the middle of a write with an \`Idempotency-Key\`, Postgres keeps that transaction, and with it the lock of the key, for five seconds (\`idle_in_transaction_session_timeout\`): until then the same key is answered with 409, then with 201.

${Object.entries(sections).map(table).join("\n")}`
