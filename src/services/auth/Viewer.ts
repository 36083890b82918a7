import { Context } from "effect"
import type { AccountId } from "../../domain/Account.ts"

/** Account of the player who sent the current request, if an endpoint identifies players and one is signed in. */
export const Viewer = Context.Reference<AccountId | undefined>("tbg-api/services/auth/Viewer", {
  defaultValue: () => undefined
})
