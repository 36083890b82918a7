import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { createHash } from "node:crypto"
import { AppConfig } from "../layers/AppConfig.ts"
import { signerOf } from "../services/auth/SignMessage.ts"
import { commandGroup, quietly, refuseDeployed } from "./CommandParts.ts"

const message = Argument.String("message").pipe(
  Argument.withDescription("Message of a challenge; without it, the address is printed"),
  Argument.optional
)

const seed = Flag.String("seed").pipe(
  Flag.withDescription("Text from which the key is derived; anyone who knows it can sign"),
  Flag.withDefault("satoshi")
)

const sign = Command.make("sign", { message, seed }, (flags) =>
  quietly(
    Effect.gen(function* () {
      const { mining } = yield* AppConfig
      yield* refuseDeployed("tbg dev sign", "anyone can derive its keys")
      const key = createHash("sha256").update(`tbg dev sign ${flags.seed}`).digest()
      const signer = signerOf(key, mining.network)
      yield* Console.log(flags.message._tag === "None" ? signer.address : signer.sign(flags.message.value))
    })
  )
).pipe(
  Command.withDescription(
    "Sign a challenge with a throwaway key, or print its address; refused in staging and production"
  )
)

export const Dev = commandGroup("dev", "Tools for development", [sign])
