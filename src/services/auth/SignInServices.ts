import { Layer } from "effect"
import { LiveTickets } from "../live/LiveTickets.ts"
import { Accounts } from "./Accounts.ts"
import { Challenges } from "./Challenges.ts"
import type { ChallengesOptions } from "./Challenges.ts"
import { Sessions } from "./Sessions.ts"
import type { SessionsOptions } from "./Sessions.ts"
import { SignIn } from "./SignIn.ts"

/** Accounts of players, their sessions and live tickets, and sign-in. */
export const signInServices = (options: ChallengesOptions & SessionsOptions) =>
  SignIn.layer(options).pipe(
    Layer.provideMerge(
      Layer.mergeAll(Accounts.layer, Challenges.layer(options), Sessions.layer(options), LiveTickets.layer)
    )
  )

export type PlayerServices = Layer.Success<ReturnType<typeof signInServices>>
