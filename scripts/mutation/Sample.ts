import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** Lines that are taken or left together. */
const blockLines = 10

/** A number from 0 to 1 that a text always has. */
const fraction = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32

/** A share of the lines of files, as Stryker's `file:from-to`, the same for the same seed; all of them for a share of 1. */
export const sampleOf = (files: ReadonlyArray<string>, share: number, seed: string): ReadonlyArray<string> =>
  files.flatMap((file) => {
    if (share >= 1) return [file]
    const blocks = Math.ceil(readFileSync(file, "utf8").split("\n").length / blockLines)
    return Array.from({ length: blocks }, (_, at) => at)
      .filter((at) => fraction(`${seed} ${file} ${at}`) < share)
      .map((at) => `${file}:${at * blockLines + 1}-${(at + 1) * blockLines}`)
  })
