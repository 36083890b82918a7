import { Schema } from "effect"

/** A write from its caller's view. */
export interface Entry {
  /** The post's content, unique to this write. */
  readonly content: string
  readonly isKeyed: boolean
  /** Ids returned with 201; more than one is a duplicate. */
  readonly ids: Set<string>
}

/** Requests and responses of a client, compared with the database at the end. */
export interface Journal {
  readonly entries: Array<Entry>
  /** Number of responses by operation and status: `list 200`. */
  readonly answers: Map<string, number>
  /** Responses that are never allowed. */
  readonly surprises: Array<string>
  slowestMs: number
}

export const emptyJournal = (): Journal => ({ entries: [], answers: new Map(), surprises: [], slowestMs: 0 })

export const StoredPosts = Schema.Array(Schema.Struct({ id: Schema.String, content: Schema.String }))
export type StoredPosts = typeof StoredPosts.Type

/**
 * Differences between the journal and the database: an acknowledged write that is not stored exactly once under its id,
 * and an unacknowledged one that is stored twice.
 */
export const mismatches = ({ entries }: Pick<Journal, "entries">, stored: StoredPosts): ReadonlyArray<string> => {
  const idsOf = Map.groupBy(stored, ({ content }) => content)
  return entries.flatMap(({ content, ids }) => {
    const found = (idsOf.get(content) ?? []).map(({ id }) => id)
    const acknowledged = [...ids]
    if (found.length > 1 || acknowledged.length > 1) {
      return [
        `${content} was duplicated: acknowledged ${acknowledged.join() || "none"}; stored ${found.join() || "none"}`
      ]
    }
    return acknowledged.length === 1 && acknowledged[0] !== found[0]
      ? [`${content} was lost: acknowledged ${acknowledged.join()}`]
      : []
  })
}
