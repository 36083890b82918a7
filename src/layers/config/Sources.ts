import { Result } from "effect"
import { readFileSync } from "node:fs"
import { parseEnv } from "node:util"
import type { Problem } from "./Row.ts"

export type Variables = Readonly<Record<string, string | undefined>>

/** The variables of a file in the format of `.env`; none where there is no file. */
export const variablesInFile = (path: string): Result.Result<Variables, Problem> => {
  try {
    return Result.succeed(parseEnv(readFileSync(path, "utf8")))
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? Result.succeed({})
      : Result.fail({ variable: ".env", found: "a file that cannot be read", wanted: "a readable file, or none" })
  }
}

/** How many letters to insert, leave out or replace to make one text of the other (Levenshtein). */
const distanceOf = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The known name next to `name`, if at most two letters, or a third of those after `TBG_`, differ. */
const nearestTo = (name: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
    .filter(({ distance }) => distance <= Math.max(2, (name.length - "TBG_".length) / 3))
    .toSorted((one, other) => one.distance - other.distance)[0]?.candidate

/** One line for each name that looks like ours and is not. Values are left out: they may be secrets. */
export const unknownNames = (names: Iterable<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(names)]
    .filter((name) => /^TBG_(?!TEST_)/.test(name) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const nearest = nearestTo(name, known)
      return `${name}: no such variable${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
    })
