import { Schema } from "effect"

/** A write as its caller knows it. */
export interface Entry {
  /** The post's content, which no other write has. */
  readonly content: string
  readonly isKeyed: boolean
  /** The ids that a 201 told; more than one is a write that was doubled. */
  readonly ids: Set<string>
}

/** What a client has sent and what it was told, to be held against the database when all is over. */
export interface Journal {
  readonly entries: Array<Entry>
  /** How often an operation was answered how: `list 200`. */
  readonly answers: Map<string, number>
  /** What no answer may be. */
  readonly surprises: Array<string>
  slowestMs: number
}

export const emptyJournal = (): Journal => ({ entries: [], answers: new Map(), surprises: [], slowestMs: 0 })

export const StoredPosts = Schema.Array(Schema.Struct({ id: Schema.String, content: Schema.String }))
export type StoredPosts = typeof StoredPosts.Type

/**
 * Where the database is not as the journal says: a write that was acknowledged and is not there once, under the id that
 * was told, and one that nobody was told of and is there twice. A write whose answer was lost may be there or not.
 */
export const mismatches = ({ entries }: Pick<Journal, "entries">, stored: StoredPosts): ReadonlyArray<string> => {
  const idsOf = Map.groupBy(stored, ({ content }) => content)
  return entries.flatMap(({ content, ids }) => {
    const there = (idsOf.get(content) ?? []).map(({ id }) => id)
    const told = [...ids]
    if (there.length > 1 || told.length > 1) return [`${content} was doubled: told ${told.join()}, has ${there.join()}`]
    return told.length === 1 && told[0] !== there[0] ? [`${content} was lost: told ${told.join()}`] : []
  })
}
