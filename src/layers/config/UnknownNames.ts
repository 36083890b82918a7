/** Returns the number of letters to insert, remove or replace between two texts (Levenshtein). */
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

/** Returns the nearest known name, if at most two letters, or a third of the letters after `TBG_`, differ. */
const nearestTo = (name: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
    .filter(({ distance }) => distance <= Math.max(2, (name.length - "TBG_".length) / 3))
    .toSorted((one, other) => one.distance - other.distance)[0]?.candidate

/** Returns a warning for each unknown `TBG_` name, without its value, which may be a secret. */
export const unknownNames = (names: Iterable<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(names)]
    .filter((name) => /^TBG_(?!TEST_)/.test(name) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const nearest = nearestTo(name, known)
      return `${name}: no such variable${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
    })
