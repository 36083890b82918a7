import { Effect } from "effect"
import { Readiness } from "../../services/Readiness.ts"
import { NotReady } from "../api/Health.ts"

/** Handler of readiness, for every dialect: 503 if requests should go elsewhere. */
export const readiness = Effect.map(Readiness, ({ report }) =>
  Effect.fnUntraced(function* () {
    const { checks, ready, status } = yield* report
    return ready ? { status, checks } : yield* new NotReady({ status, checks })
  })
)
