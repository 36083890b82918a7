import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { default as fc } from "fast-check"
import { PostId } from "../../src/domain/Post.ts"
import { Place } from "../../src/domain/Page.ts"
import { TeamId } from "../../src/domain/Team.ts"
import { timestampOf } from "../../src/domain/Timestamp.ts"
import { Cursors } from "../../src/services/Cursors.ts"
import { secretsOf } from "../support/MigratedServices.ts"

const old = "the old secret, of 32 characters or so"
const young = "the new secret, of 32 characters or so"

const serviceUnder = (current: string, previous?: string) =>
  Effect.provide(Cursors, Layer.provide(Cursors.layer, secretsOf(current, previous)))

const cursorsUnder = (current: string, previous?: string) =>
  Effect.map(serviceUnder(current, previous), ({ of }) => of(Place, "posts"))

const sealedUnder = (current: string, previous?: string) =>
  Effect.map(serviceUnder(current, previous), ({ sealedOf }) => sealedOf(Place, "posts"))

const team = TeamId.make("0197a000-0000-7000-8000-000000000001")
const otherTeam = TeamId.make("0197a000-0000-7000-8000-000000000002")
const place: Place = {
  timestamp: "2027-01-15T08:00:00.123456Z",
  id: PostId.make("0197a000-0000-7000-8000-00000000000a")
}

const places = fc.record({
  timestamp: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(timestampOf),
  id: fc.uuid().map((id) => PostId.make(id))
})

describe("Cursors", () => {
  it.effect("encodes each position in URL-safe text and decodes it unchanged", () =>
    Effect.gen(function* () {
      const { decode, encode } = yield* cursorsUnder(old)
      fc.assert(
        fc.property(places, (one) => {
          const text = encode(team, one)
          assert.match(text, /^[\w-]{100,200}$/u)
          assert.deepStrictEqual(decode(team, text), one)
        })
      )
    })
  )

  it.effect("rejects a cursor of another list", () =>
    Effect.gen(function* () {
      const { of } = yield* Effect.provide(Cursors, Layer.provide(Cursors.layer, secretsOf(old)))
      assert.isUndefined(of(Place, "notes").decode(team, of(Place, "posts").encode(team, place)))
    })
  )

  it.effect("rejects a cursor of another team", () =>
    Effect.gen(function* () {
      const { decode, encode } = yield* cursorsUnder(old)
      assert.isUndefined(decode(otherTeam, encode(team, place)))
    })
  )

  it.effect.each([
    { kind: "signed", under: cursorsUnder },
    { kind: "sealed", under: sealedUnder }
  ])("rejects a $kind cursor with any changed bit", ({ under }) =>
    Effect.gen(function* () {
      const { decode, encode } = yield* under(old)
      const bytes = Buffer.from(encode(team, place), "base64url")
      const forged = Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        return changed.toString("base64url")
      })
      assert.deepStrictEqual(
        forged.filter((text) => decode(team, text) !== undefined),
        []
      )
    })
  )

  it.effect("rejects a text with any changed character, even if it decodes to the same bytes", () =>
    Effect.gen(function* () {
      const { decode, encode } = yield* cursorsUnder(old)
      const text = encode(team, place)
      const known = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n").flatMap(
        (letter) =>
          Array.from(text, (_, at) => text.slice(0, at) + letter + text.slice(at + 1)).filter((one) =>
            decode(team, one)
          )
      )
      assert.deepStrictEqual(new Set(known), new Set([text]))
    })
  )

  it.effect("rejects a shortened, an extended, or any other text", () =>
    Effect.gen(function* () {
      const { decode, encode } = yield* cursorsUnder(old)
      const text = encode(team, place)
      const shorter = Array.from(text, (_, at) => text.slice(0, at))
      const others = [...shorter, `${text}A`, `${text}=`, ` ${text}`, "A".repeat(107), "_".repeat(107), "é".repeat(107)]
      assert.deepStrictEqual(
        others.filter((other) => decode(team, other) !== undefined),
        []
      )
    })
  )

  it.effect("accepts a cursor of the previous secret until that secret is removed", () =>
    Effect.gen(function* () {
      const text = (yield* cursorsUnder(old)).encode(team, place)
      assert.deepStrictEqual((yield* cursorsUnder(young, old)).decode(team, text), place)
      assert.isUndefined((yield* cursorsUnder(young)).decode(team, text))
    })
  )

  it.effect("encrypts a sealed position, which only its list, scope and secret decrypt", () =>
    Effect.gen(function* () {
      const { decode, encode } = yield* sealedUnder(old)
      const text = encode(team, place)
      assert.notInclude(Buffer.from(text, "base64url").toString("latin1"), "2027")
      assert.deepStrictEqual(decode(team, text), place)
      assert.deepStrictEqual((yield* sealedUnder(young, old)).decode(team, text), place)
      assert.isUndefined((yield* sealedUnder(young)).decode(team, text))
      assert.isUndefined(decode(otherTeam, text))
      const { of, sealedOf } = yield* serviceUnder(old)
      assert.isUndefined(sealedOf(Place, "notes").decode(team, text))
      assert.isUndefined(of(Place, "posts").decode(team, text))
      assert.isUndefined(decode(team, of(Place, "posts").encode(team, place)))
      assert.isUndefined(decode(team, "Mw"))
    })
  )
})
