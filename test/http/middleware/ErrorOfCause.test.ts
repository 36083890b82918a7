import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
import { HttpServerError, HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"
import * as Sql from "effect/sql/SqlError"
import { Conflict } from "../../../src/http/Errors.ts"
import { errorOfCause } from "../../../src/http/middleware/ErrorOfCause.ts"

const request = HttpServerRequest.fromWeb(new Request("http://localhost/x"))
const because = { cause: new Error("secret") }
const coded = (code: string) => ({ cause: Object.assign(new Error("secret"), { code }) })

const serverError = (reason: HttpServerError.HttpServerError["reason"]) =>
  new HttpServerError.HttpServerError({ reason })
const ofDefect = (defect: unknown) => {
  const { code, errors } = errorOfCause(Cause.die(defect))
  return errors === undefined ? { code } : { code, errors }
}

const Body = Schema.Struct({
  title: Schema.String,
  rating: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  tags: Schema.Array(Schema.String),
  nested: Schema.Struct({ deep: Schema.Array(Schema.Struct({ n: Schema.Number })) }),
  choice: Schema.optionalKey(Schema.Union([Schema.Struct({ a: Schema.String }), Schema.Struct({ b: Schema.String })]))
})
const valid = { title: "a", rating: 1, tags: [], nested: { deep: [] } }

/** The error of decoding `input`. */
const schemaError = (input: unknown, kind: HttpApiError.HttpApiSchemaError["kind"] = "Payload") =>
  Schema.decodeUnknownEffect(Body)(input, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.flip,
    Effect.map((cause) => new HttpApiError.HttpApiSchemaError({ kind, cause }))
  )

describe("schema errors", () => {
  it.effect("list every problem with its path", () =>
    Effect.gen(function* () {
      const error = yield* schemaError({
        rating: 9,
        tags: ["a", 1, "b", null],
        nested: { deep: [{ n: 1 }, { n: "x" }], more: 1 },
        "odd.key": 1
      })
      const failed = ofDefect(error)
      assert.propertyVal(failed, "code", "VALIDATION_ERROR")
      assert.sameDeepMembers(
        [...(failed.errors ?? [])],
        [
          { path: "title", message: "Required" },
          { path: "rating", message: "Expected a value between 1 and 5" },
          { path: "tags[1]", message: "Expected string" },
          { path: "tags[3]", message: "Expected string" },
          { path: "nested.deep[1].n", message: "Expected number" },
          { path: "nested.more", message: "Unknown field" },
          { path: "odd.key", message: "Unknown field" }
        ]
      )
    })
  )

  it.effect("write digits alone as an index of a list", () =>
    Effect.gen(function* () {
      const tags = [...Array.from({ length: 12 }, () => "a"), 1]
      const { errors } = ofDefect(yield* schemaError({ ...valid, tags, a1: 1, "1a": 1 }))
      assert.sameMembers(errors?.map(({ path }) => path) ?? [], ["tags[12]", "a1", "1a"])
    })
  )

  it.effect("name the value of no accepted type", () =>
    Effect.gen(function* () {
      const { errors } = ofDefect(yield* schemaError({ ...valid, choice: 1 }))
      assert.deepStrictEqual(
        errors?.map(({ path }) => path),
        ["choice"]
      )
    })
  )

  it.effect.each([
    ["Payload", "Unknown field; did you mean `title`?"],
    ["Query", "Unknown parameter; did you mean `title`?"]
  ] as const)("of %s suggest a similar name", ([kind, message]) =>
    Effect.gen(function* () {
      const { errors } = ofDefect(yield* schemaError({ ...valid, titel: 1 }, kind))
      assert.deepStrictEqual(errors, [{ path: "titel", message }])
    })
  )

  it.effect("use an empty path for the whole value", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(ofDefect(yield* schemaError([])), {
        code: "VALIDATION_ERROR",
        errors: [{ path: "", message: "Expected object" }]
      })
    })
  )

  it.effect("never contain the input", () =>
    Effect.gen(function* () {
      const error = yield* schemaError({
        title: 1,
        rating: "canary",
        tags: "canary",
        nested: "canary",
        canary: "canary"
      })
      const messages = ofDefect(error)
        .errors?.map(({ message }) => message)
        .join()
      assert.notInclude(messages, "canary")
    })
  )

  it.effect.each(["Params", "Query", "Headers", "Payload"] as const)("of %s are client errors", (kind) =>
    Effect.gen(function* () {
      assert.propertyVal(ofDefect(yield* schemaError({}, kind)), "code", "VALIDATION_ERROR")
    })
  )

  it.effect.each(["Body", "ResponseHeaders"] as const)("of %s are server errors", (kind) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(ofDefect(yield* schemaError({}, kind)), { code: "INTERNAL" })
    })
  )
})

describe("the public error of a failure", () => {
  it("is NOT_FOUND without a route", () => {
    assert.deepStrictEqual(ofDefect(serverError(new HttpServerError.RouteNotFound({ request }))), { code: "NOT_FOUND" })
  })

  it("is the public error itself, both as failure and as defect", () => {
    const error = new Conflict()
    assert.strictEqual(errorOfCause(Cause.fail(error)), error)
    assert.strictEqual(errorOfCause(Cause.die(error)), error)
  })

  it("does not recognize a foreign error by its code", () => {
    assert.deepStrictEqual(ofDefect(Object.assign(new Error("x"), { code: "CONFLICT" })), { code: "INTERNAL" })
  })

  it.each([
    [
      "a body past its limit",
      new HttpServerError.RequestParseError({ request, reason: "BodyTooLarge" }),
      "PAYLOAD_TOO_LARGE"
    ],
    ["a body that cannot be read", new HttpServerError.RequestParseError({ request, reason: "Parse" }), "BAD_REQUEST"],
    ["the server's own", new HttpServerError.InternalError({ request }), "INTERNAL"]
  ] as const)("is right for %s", (_, reason, code) => assert.deepStrictEqual(ofDefect(serverError(reason)), { code }))

  it.each([
    ["ConnectionError", new Sql.ConnectionError(because), "SERVICE_UNAVAILABLE"],
    ["AuthenticationError", new Sql.AuthenticationError(because), "SERVICE_UNAVAILABLE"],
    ["a statement timeout", new Sql.StatementTimeoutError(coded("57014")), "SERVICE_UNAVAILABLE"],
    ["a lock timeout", new Sql.LockTimeoutError(coded("55P03")), "SERVICE_UNAVAILABLE"],
    ["a deadlock", new Sql.DeadlockError(coded("40P01")), "SERVICE_UNAVAILABLE"],
    ["a serialization failure", new Sql.SerializationError(coded("40001")), "SERVICE_UNAVAILABLE"],
    ["a read-only server", new Sql.UnknownError(coded("25006")), "SERVICE_UNAVAILABLE"],
    ["a full disk", new Sql.UnknownError(coded("53100")), "SERVICE_UNAVAILABLE"],
    ["a server without memory", new Sql.UnknownError(coded("53200")), "SERVICE_UNAVAILABLE"],
    ["ConstraintError", new Sql.ConstraintError(because), "INTERNAL"],
    ["SqlSyntaxError", new Sql.SqlSyntaxError(because), "INTERNAL"],
    ["UnknownError", new Sql.UnknownError(because), "INTERNAL"]
  ] as const)("is right for a database failure: %s", (_, reason, code) => {
    assert.deepStrictEqual(ofDefect(new Sql.SqlError({ reason })), { code })
  })

  it.each([
    ["an error", new Error("x")],
    ["nothing", undefined],
    ["null", null],
    ["text", "x"],
    ["a number", 0]
  ])("is INTERNAL for a defect that is %s", (_, defect) =>
    assert.deepStrictEqual(ofDefect(defect), { code: "INTERNAL" })
  )

  it("is the same for a failure and a defect", () => {
    const error = new Sql.SqlError({ reason: new Sql.ConnectionError(because) })
    assert.strictEqual(errorOfCause(Cause.fail(error)).code, "SERVICE_UNAVAILABLE")
  })

  it("is that of the first failure, ignoring a concurrent interruption", () => {
    const cause = Cause.combine(Cause.interrupt(1), Cause.die(new Error("x")))
    assert.strictEqual(errorOfCause(cause).code, "INTERNAL")
  })

  it.each([
    ["an interruption alone", Cause.interrupt(1)],
    ["a cause without reasons", Cause.empty]
  ] as const)("is SERVICE_UNAVAILABLE for %s", (_, cause) => {
    assert.strictEqual(errorOfCause(cause).code, "SERVICE_UNAVAILABLE")
  })
})
