/** Longer names are not compared, because a hostile request could make that slow. */
const maxLength = 64

/** Levenshtein distance. */
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

/** Returns the known name nearest to `name`, if at most two letters or a quarter of them differ. */
export const nearestTo = (name: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .filter(() => name.length <= maxLength)
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
    .filter(({ distance }) => distance <= Math.max(2, name.length / 4))
    .toSorted((one, other) => one.distance - other.distance)[0]?.candidate
