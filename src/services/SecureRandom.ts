import { Context } from "effect"
import { randomBytes } from "node:crypto"

/** As many bytes as asked for, which nobody can guess. */
export const SecureRandom = Context.Reference<(length: number) => Uint8Array>("tbg-api/services/SecureRandom", {
  defaultValue: () => randomBytes
})
