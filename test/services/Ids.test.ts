import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Ids } from "../../src/services/Ids.ts"

const setTime = (time: string) => TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(time)))

const many = Effect.flatMap(Ids, ({ next }) => Effect.replicateEffect(next, 1000))

describe("Ids", () => {
  it.effect("creates UUIDs of version 7 that contain the time and sort in order of creation", () =>
    Effect.gen(function* () {
      yield* setTime("2027-01-15T08:00:00Z")
      const ids = (yield* many).map(({ id }) => id)
      assert.deepStrictEqual(ids, [...new Set(ids)].toSorted())
      for (const id of ids) assert.match(id, /^01a3185c-5000-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u)
    }).pipe(Effect.provide(Ids.layer))
  )

  it.effect("creates timestamps a microsecond apart within one millisecond", () =>
    Effect.gen(function* () {
      yield* setTime("2027-01-15T08:00:00.123Z")
      const [first, second] = yield* many
      const third = yield* (yield* Ids).now
      assert.strictEqual(first?.at, "2027-01-15T08:00:00.123000Z")
      assert.strictEqual(second?.at, "2027-01-15T08:00:00.123001Z")
      assert.strictEqual(third, "2027-01-15T08:00:00.124000Z")
    }).pipe(Effect.provide(Ids.layer))
  )

  it.effect("keeps ids and timestamps increasing if the clock is set back", () =>
    Effect.gen(function* () {
      yield* setTime("2027-01-15T08:00:00Z")
      const before = yield* many
      yield* setTime("2027-01-15T07:00:00Z")
      const made = [...before, ...(yield* many)]
      const ids = made.map(({ id }) => id)
      const times = made.map(({ at }) => at)
      assert.deepStrictEqual(ids, [...new Set(ids)].toSorted())
      assert.deepStrictEqual(times, [...new Set(times)].toSorted())
    }).pipe(Effect.provide(Ids.layer))
  )
})
