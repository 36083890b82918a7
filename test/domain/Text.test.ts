import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import {
  integerBetween,
  integerTextBetween,
  isVisible,
  lineOf,
  nameOf,
  proseOf,
  TeamName,
  Uuid
} from "../../src/domain/Text.ts"

const controls = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, code) => 127 + code)
]
const halves = ["\uD800", "a\uDC00", "\uDC00\uD800"]
const badLines = [...controls.map((code) => `a${String.fromCharCode(code)}b`), ...halves]
const badProse = badLines.filter((text) => text !== "a\nb" && text !== "a\tb")

const accepts = (schema: Schema.Codec<unknown, unknown>) => Schema.is(schema)

describe("single-line text", () => {
  const isLine = accepts(lineOf(5))

  it.each(["a", "é", "日本語", " ", "a\u2028b", "ab\u{1F600}de", "\u{1F600}".repeat(5), "'; --"])(
    "accepts %j",
    (text) => assert.isTrue(isLine(text))
  )

  it.each(["", "abcdef", "\u{1F600}".repeat(6), 1, null, ...badLines])("rejects %j", (text) =>
    assert.isFalse(isLine(text))
  )
})

describe("a name", () => {
  const isName = accepts(nameOf(12))

  it.each([
    "Hal",
    "a b",
    "José",
    "משה",
    "中本聡",
    "می\u200Cخواهم",
    "\u{1F469}\u200D\u{1F680}",
    "⛏\uFE0F",
    "<b>",
    "'; --"
  ])("may be %j", (text) => assert.isTrue(isName(text)))

  const hidden = [
    0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xe0041
  ]
  it.each(["", "x".repeat(13), ...badLines, ...hidden.map((code) => `a${String.fromCodePoint(code)}b`)])(
    "may not be %j",
    (text) => assert.isFalse(isName(text))
  )
})

describe("blank text", () => {
  const isShown = accepts(Schema.String.check(isVisible))

  it.each([
    " ",
    "\u00A0\u3000",
    "\u200B",
    " \u200B\u200D\uFEFF ",
    "\u2028",
    "\u2060\u00AD",
    "\u3164\uFFA0\u115F",
    "\u2800",
    "\u{1D159}",
    "\u202E\u2066",
    "\u{E0020}\uFE0F"
  ])("is detected: %j", (text) => assert.isFalse(isShown(text)))

  it.each([" a ", "\u200Ba", "\u{1F600}\uFE0F", "1", "-", "\u05D0\u200F", "\uE000"])(
    "is not detected in visible text: %j",
    (text) => assert.isTrue(isShown(text))
  )
})

describe("multi-line text", () => {
  const isProse = accepts(proseOf(10_000))

  it.each(["a\n\tb", "\n", "a".repeat(10_000), "\u{1F600}".repeat(10_000)])("accepts %#", (text) =>
    assert.isTrue(isProse(text))
  )

  it.each(["", "a".repeat(10_001), "a\r\nb", ...badProse])("rejects %j", (text) => assert.isFalse(isProse(text)))

  it("is checked in linear time", () => assert.isFalse(isProse("a".repeat(262_144))))
})

describe("an id", () => {
  it.each(["0190d6a1-0000-7000-8000-000000000000", "0190D6A1-0000-4000-8000-00000000ABCD"])("accepts %s", (id) =>
    assert.isTrue(accepts(Uuid)(id))
  )

  it.each([
    "",
    "0190d6a1-0000-7000-8000-00000000000",
    "0190d6a1-0000-7000-8000-0000000000000",
    "0190d6a1000070008000000000000000",
    "{0190d6a1-0000-7000-8000-000000000000}",
    "0190d6a1-0000-7000-8000-000000000000\n",
    "0190d6a1-0000-7000-8000-00000000000\u0000"
  ])("rejects %j", (id) => assert.isFalse(accepts(Uuid)(id)))
})

describe("a team name", () => {
  it.each(["a", "7", "dev-team_1", "a".repeat(63)])("accepts %s", (name) => assert.isTrue(accepts(TeamName)(name)))

  it.each(["", "-a", "_a", "A", "a b", "a/b", "a.b", "é", "a\n", "a\u0000", "a".repeat(64)])("rejects %j", (name) =>
    assert.isFalse(accepts(TeamName)(name))
  )
})

describe("a bounded integer", () => {
  it.each([
    [1, true],
    [100, true],
    [0, false],
    [101, false],
    [1.5, false],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
    ["1", false],
    [1e308, false]
  ])("accepts or rejects %s: %s", (value, expected) =>
    assert.strictEqual(accepts(integerBetween(1, 100))(value), expected)
  )

  const decode = Schema.decodeUnknownOption(integerTextBetween(-1, 100))

  it.each([
    ["1", 1],
    ["-1", -1],
    ["100", 100],
    ["007", 7]
  ])("decodes the text %s as %s", (text, value) => assert.deepStrictEqual(decode(text), Option.some(value)))

  it.each([
    "",
    " ",
    " 1",
    "1 ",
    "+1",
    "1.0",
    "1e1",
    "0x1",
    "١",
    "1\u0000",
    "Infinity",
    "NaN",
    "101",
    "-2",
    "9".repeat(16)
  ])("rejects the text %j", (text) => assert.strictEqual(decode(text)._tag, "None"))
})
