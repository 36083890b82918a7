import { assert, it } from "@effect/vitest"
import { digestLine } from "../../../src/domain/weeks/Digest.ts"

it("digestLine prints a value as JSON does", () => {
  const lines = [0.1, 1e21, 123_456_789_012_345_680, 5e-7].map((value) =>
    digestLine({ board: "work", rank: 3, value, hash: "ab" })
  )
  assert.deepStrictEqual(lines, [
    "work,3,0.1,ab\n",
    "work,3,1e+21,ab\n",
    "work,3,123456789012345680,ab\n",
    "work,3,5e-7,ab\n"
  ])
})
