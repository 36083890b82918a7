import { Schema } from "effect"
import { Uuid } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

/** Position in a list that is sorted newest first. */
export const Place = Schema.Struct({ timestamp: Timestamp, id: Uuid })
export type Place = typeof Place.Type

/** Requested page of a list: `limit` items after a place, or after the first `offset`. */
export type PageRequest = { readonly limit: number } & ({ readonly offset: number } | { readonly after: Place })

export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly total: number
  readonly hasMore: boolean
}
