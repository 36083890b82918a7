import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { validSecret } from "../support/ConfigFrom.ts"
import { testProcess } from "../support/TestProcess.ts"

const warning = "TBG_SECRET_KEY is the published development secret and other machines can connect; set another one"

describe("startup in development", () => {
  it.live.each([
    { what: "warns about the published secret on every address", host: "::", secret: {}, isWarned: true },
    { what: "does not warn about it on a loopback address", host: "127.0.0.2", secret: {}, isWarned: false },
    {
      what: "does not warn about another secret",
      host: "0.0.0.0",
      secret: { TBG_SECRET_KEY: validSecret },
      isWarned: false
    }
  ])("$what", ({ host, isWarned, secret }) =>
    Effect.gen(function* () {
      const service = yield* testProcess({ TBG_ENVIRONMENT: "development", TBG_HOST: host, ...secret })
      assert.strictEqual((yield* service.output).includes(warning), isWarned)
    })
  )
})
