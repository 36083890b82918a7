import { default as fc } from "fast-check"

/** One character per byte. */
export const latin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1")

/** Any bytes except line breaks, which would start another request. */
export const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => Buffer.from(array.filter((byte) => byte !== 10 && byte !== 13)).toString("latin1"))
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  bytes
)

/** Edge cases for any value. */
export const near = fc.oneof(
  { weight: 20, arbitrary: fc.constant(undefined) },
  fc.jsonValue(),
  text,
  fc.constantFrom(null, "", "\u0000", "\uD800", "a".repeat(31), 0, 1.5, -1, 1e300, [], {}, [null], "__proto__")
)

/** A valid body, and what can be wrong with its parts. */
export interface Shape {
  readonly valid: object
  readonly parts: Readonly<Record<string, fc.Arbitrary<unknown>>>
}

/** A report, which has every kind of field. */
export const report: Shape = {
  valid: { title: "a", content: "b", rating: 5 },
  parts: {
    title: near,
    content: near,
    rating: near,
    tags: near,
    parent_id: near,
    comments: fc.oneof(near, fc.array(fc.record({ author: near, text: near, replies: near }), { maxLength: 3 })),
    more: near
  }
}

/** A post. */
export const post: Shape = {
  valid: { author_name: "a", content: "b" },
  parts: {
    author_name: near,
    content: near,
    tags: fc.oneof(near, fc.array(near, { maxLength: 22 })),
    parent_post_id: near,
    more: near
  }
}

/** A body with some invalid parts. */
const textOf = ({ parts, valid }: Shape) =>
  fc
    .record(parts)
    .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)))
    .map((parts) => JSON.stringify({ ...valid, ...parts }))

const nested = fc
  .tuple(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom("[", '{"a":', '{"comments":[', '[{"":'))
  .map(([depth, open]) => open.repeat(Math.floor(depth / open.length)))
const closedNested = fc
  .integer({ min: 1, max: 100_000 })
  .map((depth) => `{"comments":${"[".repeat(depth)}${"]".repeat(depth)}}`)

/** Bodies at and around this shape. */
export const bodyOf = (shape: Shape): fc.Arbitrary<string> => {
  const whole = textOf(shape)
  return fc.oneof(
    { weight: 6, arbitrary: whole.map(latin1) },
    { weight: 2, arbitrary: fc.json().map(latin1) },
    { weight: 2, arbitrary: fc.tuple(whole.map(latin1), fc.nat(60)).map(([json, end]) => json.slice(0, end)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(whole, bytes, fc.nat(60))
        .map(([json, odd, at]) => `${json.slice(0, at)}${odd}${json.slice(at)}`)
        .map(latin1)
    },
    bytes,
    nested,
    closedNested,
    fc.constant(`"${"a".repeat(300_000)}"`)
  )
}
