import { assert, describe, it } from "@effect/vitest"
import { siText } from "../../../src/domain/mining/ThirdParty.ts"

/** Texts of recorded documents of ckpool, and the edges between suffixes. */
const rows = [
  [0, "0"],
  [999.4, "999"],
  [1000, "1K"],
  [6_200_000, "6.2M"],
  [340e6, "340M"],
  [4.57e9, "4.57G"],
  [85.4e12, "85.4T"],
  [999.4e12, "999T"],
  [999.6e12, "1P"],
  [4e18, "4E"],
  [1234e18, "1230E"]
] as const

describe("siText", () => {
  it("has three significant digits and the suffixes of ckpool", () => {
    assert.deepStrictEqual(
      rows.map(([value]) => siText(value)),
      rows.map(([, text]) => text)
    )
  })
})
