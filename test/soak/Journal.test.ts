import { assert, describe, it } from "@effect/vitest"
import { mismatches } from "./Journal.ts"

const entry = (content: string, ...ids: ReadonlyArray<string>) => ({ content, isKeyed: true, ids: new Set(ids) })

describe("the journal of writes", () => {
  it("matches a database that has each acknowledged write once, and any of the others", () => {
    const entries = [entry("told", "1"), entry("answer lost"), entry("never written")]
    const stored = [
      { id: "1", content: "told" },
      { id: "2", content: "answer lost" }
    ]
    assert.deepStrictEqual(mismatches({ entries }, stored), [])
  })

  it.each([
    ["lost", entry("a", "1"), [], "a was lost: told 1"],
    ["there under another id", entry("a", "1"), [{ id: "2", content: "a" }], "a was lost: told 1"],
    ["told twice", entry("a", "1", "2"), [{ id: "1", content: "a" }], "a was doubled: told 1,2, has 1"],
    [
      "there twice",
      entry("a"),
      [
        { id: "1", content: "a" },
        { id: "2", content: "a" }
      ],
      "a was doubled: told , has 1,2"
    ]
  ])("reports a write that is %s", (_, written, stored, told) =>
    assert.deepStrictEqual(mismatches({ entries: [written] }, stored), [told])
  )
})
