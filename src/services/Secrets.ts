import { Context, Layer, Redacted } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"

export interface SecretsOptions {
  /** `TBG_SECRET_KEY`. */
  readonly current: Redacted.Redacted
  /** `TBG_SECRET_KEY_PREVIOUS`, still valid while the secret is being rotated. */
  readonly previous: Redacted.Redacted | undefined
}

/** Bytes of a signature. Truncated for cursors, because each page has one (RFC 2104, section 5). */
const lengths = { "api-key": 32, session: 32, ticket: 32, nonce: 32, cursor: 16, fingerprint: 16 } as const

type Purpose = keyof typeof lengths

const signatureOf = (secret: Redacted.Redacted, purpose: Purpose, message: string): Uint8Array =>
  createHmac("sha256", Redacted.value(secret))
    .update(`tbg ${purpose}\n${message}`)
    .digest()
    .subarray(0, lengths[purpose])

/** Signs with HMAC-SHA-256 under the service's secret. A signature for one purpose is not valid for another. */
export class Secrets extends Context.Service<
  Secrets,
  {
    readonly sign: (purpose: Purpose, message: string) => Uint8Array
    /** Returns the secret that made the signature, or `undefined` if neither did. Compares in constant time. */
    readonly verify: (purpose: Purpose, message: string, signature: Uint8Array) => "current" | "previous" | undefined
    /** Fingerprints in hexadecimal. They show whether two secrets are equal, and nothing else. */
    readonly fingerprints: readonly [current: string, ...previous: ReadonlyArray<string>]
  }
>()("tbg-api/services/Secrets") {
  static readonly layer = ({ current, previous }: SecretsOptions) => {
    const isSignedWith = (secret: Redacted.Redacted, purpose: Purpose, message: string, signature: Uint8Array) =>
      signature.length === lengths[purpose] && timingSafeEqual(signatureOf(secret, purpose, message), signature)
    const fingerprintOf = (secret: Redacted.Redacted) =>
      Buffer.from(signatureOf(secret, "fingerprint", "")).toString("hex")
    return Layer.succeed(Secrets, {
      fingerprints: [fingerprintOf(current), ...(previous === undefined ? [] : [fingerprintOf(previous)])],
      sign: (purpose, message) => signatureOf(current, purpose, message),
      verify: (purpose, message, signature) => {
        if (isSignedWith(current, purpose, message, signature)) return "current"
        return previous !== undefined && isSignedWith(previous, purpose, message, signature) ? "previous" : undefined
      }
    })
  }
}
