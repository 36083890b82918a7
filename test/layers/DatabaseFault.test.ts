import { assert, describe, it } from "@effect/vitest"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { faultOfSqlError } from "../../src/layers/database/Fault.ts"

const withCode = (code: string) =>
  new SqlError({ reason: new UnknownError({ cause: Object.assign(new Error("no"), { code }), message: "no" }) })

describe("the word for a server that is there", () => {
  it.each(["53300", "57P01", "57P02", "57P03"])("and takes no session (%s) is unreachable", (code) => {
    assert.strictEqual(faultOfSqlError(withCode(code)), "unreachable")
  })

  it("and failed at something else is failed", () => {
    assert.strictEqual(faultOfSqlError(withCode("3D000")), "failed")
  })
})
