import type { SerializedError } from "vitest"
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node"

interface Counts {
  passed: number
  failed: number
  /** Number of skipped tests by reason. */
  readonly skipped: Map<string, number>
  /** A line per failed test: its location and the start of the error. */
  readonly failures: Array<string>
  /** Pattern of `-t`, whose excluded tests have no reason. */
  named: RegExp | undefined
  ran: boolean
}

/** Characters of an error message to print on one line. */
const mostOfMessage = 400

const failureOf = (test: TestCase): string => {
  const why = (test.result().errors ?? []).map(({ message }) => message).join("; ")
  const where = `${test.module.relativeModuleId} > ${test.fullName}`
  return `failed: ${where}: ${why.replaceAll(/\s+/g, " ").slice(0, mostOfMessage)}\n`
}

/** A suite or file that failed in a hook or an import reports no tests. */
const countErrors = (counts: Counts, part: TestModule | TestSuite) => {
  if (part.errors().length > 0) counts.failed += 1
}

const isBroken = (part: TestModule | TestSuite): boolean =>
  part.errors().length > 0 || (part.type === "suite" && isBroken(part.parent))

const reasonOf = (test: TestCase, note: string | undefined, named: RegExp | undefined) => {
  if (isBroken(test.parent)) return "what sets them up failed"
  if (note === undefined && named !== undefined && !named.test(test.fullName.replaceAll(" > ", " "))) {
    return `the name does not match ${named.source}`
  }
  return note ?? `${test.fullName} (no reason given)`
}

const countModule = (counts: Counts, module: TestModule) => {
  counts.ran = true
  countErrors(counts, module)
  for (const suite of module.children.allSuites()) countErrors(counts, suite)
  for (const test of module.children.allTests()) {
    const result = test.result()
    if (result.state === "passed") counts.passed += 1
    if (result.state === "failed") {
      counts.failed += 1
      counts.failures.push(failureOf(test))
    }
    if (result.state === "skipped") {
      const reason = reasonOf(test, result.note, counts.named)
      counts.skipped.set(reason, (counts.skipped.get(reason) ?? 0) + 1)
    }
    // A test that was not reached before the run was interrupted.
    if (result.state === "pending") counts.failed += 1
  }
}

const summaryOf = ({ failed, failures: why, passed, ran, skipped }: Counts, exitCode: number) => {
  const reasons = [...skipped].map(([reason, tests]) => `skipped ${tests}: ${reason}\n`)
  const total = [...skipped.values()].reduce((sum, tests) => sum + tests, 0)
  // Failures outside tests (a server, no test file) appear only in the exit code.
  const failures = exitCode !== 0 && failed === 0 ? 1 : failed
  const last = [`${passed} passed`, `${failures} failed`, ...(total > 0 ? [`${total} skipped`] : [])]
  const nothing = exitCode !== 0 && !ran ? "failed: no test ran: no file has that name, or the run was cut short\n" : ""
  return `${why.join("")}${nothing}${reasons.join("")}${last.join(", ")}\n`
}

/**
 * Prints `N passed, N failed` or `N passed, N failed, N skipped` as the last line of a run (contract section 9). Before
 * it come the skip reasons, one per line: the note of `context.skip(note)`, else the test's name. The failures come
 * first, for readers of the end of a long log.
 */
export default class SummaryReporter implements Reporter {
  readonly #counts: Counts = { passed: 0, failed: 0, skipped: new Map(), failures: [], named: undefined, ran: false }

  onInit({ config }: Vitest) {
    this.#counts.named = config.testNamePattern
    // Other reporters print when the run ends, so this one waits for the process to exit.
    process.once("exit", (code) => process.stdout.write(summaryOf(this.#counts, code)))
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError>) {
    for (const module of modules) countModule(this.#counts, module)
    this.#counts.failed += unhandled.length
  }
}
