import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** Lines that are taken or left together. */
const blockLines = 10

/** A number from 0 to 1 that a text always has. */
const fraction = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32

/**
 * A share of the lines of files, as Stryker's `file:from-to`, the same for the same seed; all of them for a share of 1,
 * and never none. A change of lines that are not taken together is in the whole alone.
 */
export const sampleOf = (files: ReadonlyArray<string>, share: number, seed: string): ReadonlyArray<string> => {
  if (share >= 1) return files
  const blocks = files.flatMap((file) => {
    const count = Math.ceil(readFileSync(file, "utf8").split("\n").length / blockLines)
    return Array.from({ length: count }, (_, at) => ({
      lines: `${file}:${at * blockLines + 1}-${(at + 1) * blockLines}`,
      drawn: fraction(`${seed} ${file} ${at}`)
    }))
  })
  const least = Math.min(...blocks.map(({ drawn }) => drawn))
  return blocks.filter(({ drawn }) => drawn < share || drawn === least).map(({ lines }) => lines)
}
