import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { someSecret } from "../support/ConfigFrom.ts"
import { examined, failures } from "../support/Examined.ts"
import { programBesideDatabase } from "../support/ProgramBesideDatabase.ts"
import { sqlTeams, twoTeams } from "../support/TestTeams.ts"

describe("tbg doctor, of API keys", () => {
  it.live(
    "fails for another TBG_SECRET_KEY than keys were made with, and passes while it is rotated",
    () =>
      Effect.gen(function* () {
        const { client, migrate, variables } = yield* programBesideDatabase
        yield* migrate("up")
        yield* Effect.flatMap(Layer.build(Layer.provide(sqlTeams, client)), twoTeams)
        const found = (secrets: Record<string, string> = {}) => examined({ ...variables, ...secrets })
        const known = { state: "ok", what: "created with this TBG_SECRET_KEY" } as const
        assert.include((yield* found({ TBG_SECRET_KEY: someSecret })).by.get("API keys"), known)
        const other = { TBG_SECRET_KEY: `another ${someSecret}` }
        const changed = yield* found(other)
        assert.deepStrictEqual([changed.code, failures(changed)], [1, ["API keys"]])
        assert.include(
          changed.by.get("API keys")?.what,
          "created with a different TBG_SECRET_KEY, so they are rejected"
        )
        const rotating = yield* found({ ...other, TBG_SECRET_KEY_PREVIOUS: someSecret })
        assert.include(rotating.by.get("API keys"), known)
      }),
    120_000
  )
})
