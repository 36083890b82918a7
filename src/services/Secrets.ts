import { Context, Layer, Redacted } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"

export interface SecretsOptions {
  /** `TBG_SECRET_KEY`. */
  readonly current: Redacted.Redacted
  /** `TBG_SECRET_KEY_PREVIOUS`, while what it signed is still about. */
  readonly previous: Redacted.Redacted | undefined
}

/** Bytes of a code: a cursor travels in every page, and half of one is still beyond guessing (RFC 2104, section 5). */
const codeLengths = { "api-key": 32, cursor: 16 } as const

type Purpose = keyof typeof codeLengths

/** Which of the service's secrets a code was made with. */
export type MadeWith = "current" | "previous"

/** HMAC-SHA-256 under the service's secret, for one purpose: a code made for another never fits. */
export class Secrets extends Context.Service<
  Secrets,
  {
    /** 32 bytes; 16 for a cursor. */
    readonly codeOf: (purpose: Purpose, message: string) => Uint8Array
    /** Compares in constant time; `undefined` where the code was made with neither secret. */
    readonly madeWith: (purpose: Purpose, message: string, code: Uint8Array) => MadeWith | undefined
  }
>()("tbg-api/services/Secrets") {
  static readonly layer = ({ current, previous }: SecretsOptions) => {
    const codeUnder = (secret: Redacted.Redacted, purpose: Purpose, message: string): Uint8Array =>
      createHmac("sha256", Redacted.value(secret))
        .update(`tbg ${purpose}\n${message}`)
        .digest()
        .subarray(0, codeLengths[purpose])
    const isCode = (secret: Redacted.Redacted, purpose: Purpose, message: string, code: Uint8Array): boolean =>
      code.length === codeLengths[purpose] && timingSafeEqual(codeUnder(secret, purpose, message), code)
    return Layer.succeed(Secrets, {
      codeOf: (purpose, message) => codeUnder(current, purpose, message),
      madeWith: (purpose, message, code) => {
        if (isCode(current, purpose, message, code)) return "current"
        return previous !== undefined && isCode(previous, purpose, message, code) ? "previous" : undefined
      }
    })
  }
}
