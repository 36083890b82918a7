/** What waits: first come, first served. */
export interface Line<A> {
  readonly add: (one: A) => void
  /** The one that came first; it stays. */
  readonly first: () => A | undefined
  /** Takes out the one that came first. */
  readonly take: () => A | undefined
}

/** Two stacks: as the one that is taken from is empty, the other becomes it, turned round. */
export const makeLine = <A>(): Line<A> => {
  let coming: Array<A> = []
  let going: Array<A> = []
  const turn = (): void => {
    if (going.length > 0 || coming.length === 0) return
    going = coming.toReversed()
    coming = []
  }
  return {
    add: (one) => void coming.push(one),
    first: () => {
      turn()
      return going.at(-1)
    },
    take: () => {
      turn()
      return going.pop()
    }
  }
}
