import { assert, describe, it } from "@effect/vitest"
import * as Sql from "effect/sql/SqlError"
import { conditionOf } from "../../src/domain/SqlState.ts"
import { databaseDown, faultOfSqlError, TlsFailure } from "../../src/layers/database/Fault.ts"

const withCode = (code: string) =>
  new Sql.SqlError({ reason: new Sql.UnknownError({ cause: Object.assign(new Error("no"), { code }), message: "no" }) })

const conditions = [
  ["08006", "unreachable"],
  ["25006", "read_only"],
  ["28000", "denied"],
  ["28P01", "denied"],
  ["3D000", "missing"],
  ["40001", "failed"],
  ["40P01", "failed"],
  ["53100", "full"],
  ["53200", "failed"],
  ["53300", "unreachable"],
  ["53400", "failed"],
  ["55P03", "timeout"],
  ["57014", "timeout"],
  ["57P01", "unreachable"],
  ["57P02", "unreachable"],
  ["57P03", "unreachable"],
  ["57P04", "missing"],
  ["57P05", "unreachable"],
  ["58030", "failed"]
] as const

describe("faultOfSqlError", () => {
  it.each(conditions)("treats %s as a temporary condition of the server: %s", (code, fault) => {
    assert.strictEqual(faultOfSqlError(withCode(code)), fault)
    assert.strictEqual(conditionOf(withCode(code).reason), fault)
  })

  it.each(["22001", "25P02", "42P01", "42501", "55000", "XX000", "P0001"])(
    "treats %s as the fault of a statement",
    (code) => {
      assert.strictEqual(faultOfSqlError(withCode(code)), "failed")
      assert.isUndefined(conditionOf(withCode(code).reason))
    }
  )

  it("treats a missing CONNECT privilege as denied", () => {
    const cause = Object.assign(new Error("no"), { code: "42501" })
    const reason = new Sql.AuthorizationError({ cause, operation: "connect" })
    assert.strictEqual(faultOfSqlError(new Sql.SqlError({ reason })), "denied")
  })
})

describe("databaseDown", () => {
  it("reports the TLS fix to operators, and hides the driver's message", () => {
    const down = (cause: unknown) =>
      databaseDown(new Sql.SqlError({ reason: new Sql.ConnectionError({ cause, message: "canary" }) }))
    assert.deepInclude(down(new TlsFailure("not trusted", "set sslrootcert")), {
      fault: "unreachable",
      detail: { problem: "not trusted", fix: "set sslrootcert" }
    })
    assert.deepInclude(down(new Error("canary")), { fault: "unreachable", detail: undefined })
  })
})
