import { Effect } from "effect"
import type { InvalidAddress } from "../../domain/Bitcoin.ts"
import type { ProofInconclusive, ProofRefused } from "../../domain/SignIn.ts"
import { RequestContext } from "../api/RequestContext.ts"
import { Invalid, Unauthorized } from "../Errors.ts"

/** Errors of an address and of a signature for it. The reason for a wrong signature is logged at DEBUG, not returned. */
export const proofErrors = {
  InvalidAddress: ({ reason }: InvalidAddress) =>
    Effect.fail(new Invalid({ errors: [{ path: "btc_address", message: `The address ${reason}` }] })),
  ProofInconclusive: ({ reason }: ProofInconclusive) =>
    Effect.fail(new Invalid({ errors: [{ path: "signature", message: `Cannot be verified: ${reason}` }] })),
  ProofRefused: Effect.fnUntraced(function* ({ reason }: ProofRefused) {
    const { id } = yield* RequestContext
    yield* Effect.annotateLogs(Effect.logDebug("sign-in rejected"), { reason, request_id: id })
    return yield* new Unauthorized()
  })
}
