import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** Lines that are selected together. */
const blockLines = 10

/** Hash of a text as a number from 0 to 1. */
const fraction = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32

/**
 * Selects a share of the lines of files, in Stryker's format `file:from-to`, at least one block. The result depends only
 * on the seed. A change that spans several blocks occurs only with a share of 1.
 */
export const sampleOf = (files: ReadonlyArray<string>, share: number, seed: string): ReadonlyArray<string> => {
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
