import { DateTime, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Account } from "../../domain/Account.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { Accounts } from "../../services/auth/Accounts.ts"
import { SignIn } from "../../services/auth/SignIn.ts"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/SignedIn.ts"
import { Conflict } from "../Errors.ts"
import { RateLimits } from "../middleware/RateLimits.ts"
import { proofErrors } from "./ProofErrors.ts"

export const timeOf = (time: DateTime.Utc) => timestampOf(DateTime.toEpochMillis(time) * 1000)

export const userOf = ({ addresses, countryCode, createdAt, displayName, id, isPublic }: Account) => ({
  id,
  addresses,
  display_name: displayName,
  country_code: countryCode,
  is_public: isPublic,
  created_at: timeOf(createdAt)
})

export const UsersHandlers = HttpApiBuilder.group(
  Api,
  "Users",
  Effect.fnUntraced(function* (group) {
    const accounts = yield* Accounts
    const { addAddress, canonical } = yield* SignIn
    const { admit } = yield* RateLimits

    return group.handleAll({
      me: Effect.fnUntraced(function* () {
        const { accountId } = yield* CurrentSession
        return { user: userOf(yield* accounts.find(accountId)) }
      }),
      update: Effect.fnUntraced(function* ({ payload }) {
        const { accountId } = yield* CurrentSession
        const { country_code, display_name, is_public } = payload
        const account = yield* accounts.update(accountId, {
          ...(display_name === undefined ? {} : { displayName: display_name }),
          ...(country_code === undefined ? {} : { countryCode: country_code }),
          ...(is_public === undefined ? {} : { isPublic: is_public })
        })
        return { user: userOf(account) }
      }),
      addAddress: Effect.fnUntraced(
        function* ({ payload: { btc_address, nonce, signature } }) {
          yield* admit("signin", `verify ${yield* canonical(btc_address)}`)
          const { accountId } = yield* CurrentSession
          return { user: userOf(yield* addAddress(accountId, { address: btc_address, nonce, signature })) }
        },
        Effect.catchTags({ ...proofErrors, AddressTaken: () => Effect.fail(new Conflict()) })
      )
    })
  })
)
