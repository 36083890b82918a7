/** Maximum number of ids of credentials remembered as valid. */
const maxKnownIds = 10_000

/** Bounded set of ids of credentials that were valid in this process. A full set drops its oldest id. */
export const makeKnownIds = <Id extends string>() => {
  const ids = new Set<Id>()
  return {
    has: (id: Id): boolean => ids.has(id),
    add: (id: Id): void => {
      if (ids.has(id)) return
      const [oldest] = ids
      if (oldest !== undefined && ids.size >= maxKnownIds) ids.delete(oldest)
      ids.add(id)
    }
  }
}
