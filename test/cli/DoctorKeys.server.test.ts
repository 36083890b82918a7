import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { validSecret } from "../support/ConfigFrom.ts"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { sqlTeams, twoTeams } from "../support/TestTeams.ts"

describe("tbg doctor on API keys", () => {
  it.live(
    "fails if keys were created under another TBG_SECRET_KEY, and passes during a rotation",
    () =>
      Effect.gen(function* () {
        const { client, migrate, variables } = yield* programOnDatabase
        yield* migrate("up")
        yield* Effect.flatMap(Layer.build(Layer.provide(sqlTeams, client)), twoTeams)
        const found = (secrets: Record<string, string> = {}) => doctorReport({ ...variables, ...secrets })
        const known = { state: "ok", what: "created with this TBG_SECRET_KEY" } as const
        assert.include((yield* found({ TBG_SECRET_KEY: validSecret })).by.get("API keys"), known)
        const other = { TBG_SECRET_KEY: `another ${validSecret}` }
        const changed = yield* found(other)
        assert.deepStrictEqual([changed.code, failedChecks(changed)], [1, ["API keys"]])
        assert.include(
          changed.by.get("API keys")?.what,
          "created with a different TBG_SECRET_KEY, so they are rejected"
        )
        const rotating = yield* found({ ...other, TBG_SECRET_KEY_PREVIOUS: validSecret })
        assert.include(rotating.by.get("API keys"), known)
      }),
    120_000
  )
})
