import { assert, describe, it } from "@effect/vitest"
import { mismatches } from "./Journal.ts"

const entry = (content: string, ...ids: ReadonlyArray<string>) => ({ content, isKeyed: true, ids: new Set(ids) })

describe("the journal of writes", () => {
  it("matches a database that has each acknowledged write once, and any of the others", () => {
    const entries = [entry("acknowledged", "1"), entry("response lost"), entry("never written")]
    const stored = [
      { id: "1", content: "acknowledged" },
      { id: "2", content: "response lost" }
    ]
    assert.deepStrictEqual(mismatches({ entries }, stored), [])
  })

  it.each([
    ["lost", entry("a", "1"), [], "a was lost: acknowledged 1"],
    ["stored under another id", entry("a", "1"), [{ id: "2", content: "a" }], "a was lost: acknowledged 1"],
    [
      "acknowledged twice",
      entry("a", "1", "2"),
      [{ id: "1", content: "a" }],
      "a was duplicated: acknowledged 1,2; stored 1"
    ],
    [
      "stored twice",
      entry("a"),
      [
        { id: "1", content: "a" },
        { id: "2", content: "a" }
      ],
      "a was duplicated: acknowledged none; stored 1,2"
    ]
  ])("reports a write that is %s", (_, written, stored, mismatch) =>
    assert.deepStrictEqual(mismatches({ entries: [written] }, stored), [mismatch])
  )
})
