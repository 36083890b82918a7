import type { SerializedError } from "vitest"
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node"

interface Counts {
  passed: number
  failed: number
  /** How many tests were skipped, by reason. */
  readonly skipped: Map<string, number>
  /** A line for each failed test: where it is, and the beginning of why. */
  readonly failures: Array<string>
  /** What `-t` asked for, which leaves the other tests out without a word of theirs. */
  named: RegExp | undefined
  ran: boolean
}

/** So much of an error's message says why, in one line. */
const mostOfMessage = 400

const failureOf = (test: TestCase): string => {
  const why = (test.result().errors ?? []).map(({ message }) => message).join("; ")
  const where = `${test.module.relativeModuleId} > ${test.fullName}`
  return `failed: ${where}: ${why.replaceAll(/\s+/g, " ").slice(0, mostOfMessage)}\n`
}

/** A suite or file that failed by itself, in a hook or an import, ran no test that could tell. */
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
    // A test that a cut run never came to.
    if (result.state === "pending") counts.failed += 1
  }
}

const summaryOf = ({ failed, failures: why, passed, ran, skipped }: Counts, exitCode: number) => {
  const reasons = [...skipped].map(([reason, tests]) => `skipped ${tests}: ${reason}\n`)
  const total = [...skipped.values()].reduce((sum, tests) => sum + tests, 0)
  // What failed outside the tests (a server, no test file at all) shows in the exit code alone.
  const failures = exitCode !== 0 && failed === 0 ? 1 : failed
  const last = [`${passed} passed`, `${failures} failed`, ...(total > 0 ? [`${total} skipped`] : [])]
  const nothing = exitCode !== 0 && !ran ? "failed: no test ran: no file has that name, or the run was cut short\n" : ""
  return `${why.join("")}${nothing}${reasons.join("")}${last.join(", ")}\n`
}

/**
 * Prints `N passed, N failed` or `N passed, N failed, N skipped` as the very last line of a run, before it one line a
 * reason for the skipped ones (contract section 9): the note of `context.skip(note)`, else the test's name; and before
 * those what failed, for whoever has only the end of a long run.
 */
export default class SummaryReporter implements Reporter {
  readonly #counts: Counts = { passed: 0, failed: 0, skipped: new Map(), failures: [], named: undefined, ran: false }

  onInit({ config }: Vitest) {
    this.#counts.named = config.testNamePattern
    // The other reporters print when the run ends, so this one waits for the end of the process.
    process.once("exit", (code) => process.stdout.write(summaryOf(this.#counts, code)))
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError>) {
    for (const module of modules) countModule(this.#counts, module)
    this.#counts.failed += unhandled.length
  }
}
