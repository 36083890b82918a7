/** Returns the number of letters to insert, remove or replace between two texts (Levenshtein). */
const distanceOf = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(from).entries()) {
    const above = row
    row = [index + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      row.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1))
    }
  }
  return row.at(-1) ?? 0
}

/** Returns a warning for each unknown `TBG_` name, without its value, which may be a secret. */
export const unknownNames = (names: Iterable<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(names)]
    .filter((name) => /^TBG_(?!TEST_)/.test(name) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const [nearest] = known
        .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
        .filter(({ distance }) => distance <= name.length / 4)
        .toSorted((one, other) => one.distance - other.distance)
      return `${name}: no such variable${nearest === undefined ? "" : `; did you mean ${nearest.candidate}?`}`
    })
