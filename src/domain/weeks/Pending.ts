import { Array, Iterable } from "effect"
import type { Monday } from "./Week.ts"

/** Ids of one week. */
export interface Chunk<Id> {
  readonly week: Monday
  readonly ids: ReadonlyArray<Id>
}

/** Mutable set of pairs of a week and an id. It is changed in place, because it may have millions of pairs. */
export interface Pending<Id> {
  readonly add: (week: Monday, ids: Iterable<Id>) => void
  /** Removes some ids of the week that was added first, and returns them; `undefined` if nothing is pending. */
  readonly take: (limit: number) => Chunk<Id> | undefined
  /** Moves the ids of a week to another set. */
  readonly move: (week: Monday, to: Pending<Id>) => void
  readonly remove: (week: Monday) => void
  readonly size: () => number
  readonly clear: () => void
}

export const makePending = <Id>(): Pending<Id> => {
  const byWeek = new Map<Monday, Set<Id>>()
  return {
    add: (week, ids) => {
      const pending = byWeek.get(week) ?? new Set<Id>()
      for (const id of ids) pending.add(id)
      if (pending.size > 0) byWeek.set(week, pending)
    },
    take: (limit) => {
      const [entry] = byWeek
      if (entry === undefined) return undefined
      const [week, pending] = entry
      const ids = Array.fromIterable(Iterable.take(pending, limit))
      for (const id of ids) pending.delete(id)
      if (pending.size === 0) byWeek.delete(week)
      return { week, ids }
    },
    move: (week, to) => {
      to.add(week, byWeek.get(week) ?? [])
      byWeek.delete(week)
    },
    remove: (week) => byWeek.delete(week),
    size: () => Iterable.reduce(byWeek.values(), 0, (sum, pending) => sum + pending.size),
    clear: () => byWeek.clear()
  }
}
