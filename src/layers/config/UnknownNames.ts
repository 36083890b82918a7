import { nearestTo } from "../../domain/Nearest.ts"

/** Returns a warning for each unknown `TBG_` name, without its value because that may be a secret. */
export const unknownNames = (names: Iterable<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(names)]
    .filter((name) => /^TBG_(?!TEST_)/.test(name) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const nearest = nearestTo(name, known)
      return `${name}: no such variable${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
    })
