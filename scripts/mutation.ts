import { Stryker } from "@stryker-mutator/core"
import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { areas } from "./mutation/Areas.ts"
import type { Area } from "./mutation/Areas.ts"

// Mutation testing: applies one change at a time to a copy of the code, and runs the tests of its area. The tests must
// detect at least 80% of the changes. `AREA=limiter` selects one area, and `MUTATION_SHARE=0.2` a fifth of the lines,
// chosen by `MUTATION_SEED`.
const floor = 80
const { AREA, MUTATION_SEED = randomBytes(4).toString("hex"), MUTATION_SHARE = "1" } = process.env

const isWanted = ([name]: readonly [string, Area]): boolean => AREA === undefined || AREA === name

/** Lines that are selected together. */
const blockLines = 10

/** Hash of a text as a number from 0 to 1. */
const fraction = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32

/**
 * Selects a share of the lines of files, in Stryker's format `file:from-to`, at least one block. The result depends only
 * on the seed. A change that spans several blocks occurs only with a share of 1.
 */
const sampleOf = (files: ReadonlyArray<string>, share: number, seed: string): ReadonlyArray<string> => {
  if (share >= 1) return files
  const blocks = files.flatMap((file) => {
    const count = Math.ceil(readFileSync(file, "utf8").split("\n").length / blockLines)
    return Array.from({ length: count }, (_, at) => ({
      lines: `${file}:${at * blockLines + 1}-${(at + 1) * blockLines}`,
      rank: fraction(`${seed} ${file} ${at}`)
    }))
  })
  const lowest = Math.min(...blocks.map(({ rank }) => rank))
  return blocks.filter(({ rank }) => rank < share || rank === lowest).map(({ lines }) => lines)
}

/** Returns the share of detected changes, in percent. */
const scoreOf = async (name: string, { mutate, tests }: Area): Promise<number> => {
  process.env["TBG_MUTATION_TESTS"] = tests.join(";")
  const folder = mkdtempSync(join(tmpdir(), "tbg-mutation-"))
  try {
    const results = await new Stryker({
      testRunner: "vitest",
      plugins: ["@stryker-mutator/vitest-runner"],
      vitest: { configFile: "scripts/mutation/vitest.config.ts", related: false },
      mutate: [...sampleOf(mutate, Number(MUTATION_SHARE), MUTATION_SEED)],
      ignorePatterns: ["/bench", "/coverage", "/deploy", "/dist", "/docs", "/test-results", "/.toolchain"],
      // Type stripping needs no tsconfig.json, and TypeScript 7 has no API to rewrite it with.
      tsconfigFile: "none.json",
      tempDirName: folder,
      concurrency: availableParallelism(),
      timeoutMS: 10_000,
      reporters: ["clear-text", "html"],
      clearTextReporter: { logTests: false, reportScoreTable: false },
      htmlReporter: { fileName: `test-results/mutation-${name}.html` }
    }).runMutationTest()
    const count = (...statuses: ReadonlyArray<string>) =>
      results.filter(({ status }) => statuses.includes(status)).length
    const detected = count("Killed", "Timeout")
    return (100 * detected) / Math.max(1, detected + count("Survived", "NoCoverage"))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.stdout.write(`seed ${MUTATION_SEED}, share ${MUTATION_SHARE}\n`)
const scores: Array<readonly [string, number]> = []
for (const [name, area] of Object.entries(areas).filter(isWanted)) scores.push([name, await scoreOf(name, area)])
for (const [name, score] of scores) {
  process.stdout.write(
    `${name.padEnd(14)} ${score.toFixed(1).padStart(5)} %${score < floor ? `, below ${floor}` : ""}\n`
  )
}
if (scores.length === 0 || scores.some(([, score]) => score < floor)) process.exitCode = 1
