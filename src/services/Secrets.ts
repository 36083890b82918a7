import { Context, Layer, Redacted } from "effect"
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto"

export interface SecretsOptions {
  /** `TBG_SECRET_KEY`. */
  readonly current: Redacted.Redacted
  /** `TBG_SECRET_KEY_PREVIOUS`, still valid while the secret is being rotated. */
  readonly previous: Redacted.Redacted | undefined
}

/** Bytes of a signature. Truncated for cursors, because each page has one (RFC 2104, section 5). */
const lengths = {
  "api-key": 32,
  session: 32,
  ticket: 32,
  nonce: 32,
  cursor: 16,
  fingerprint: 16,
  "seal-key": 32,
  "seal-nonce": 12
} as const

type Purpose = keyof typeof lengths

const signatureOf = (secret: Redacted.Redacted, purpose: Purpose, message: string): Uint8Array =>
  createHmac("sha256", Redacted.value(secret))
    .update(`tbg ${purpose}\n${message}`)
    .digest()
    .subarray(0, lengths[purpose])

/**
 * Encrypts with AES-256-GCM, and returns nonce, tag and ciphertext. The nonce is derived from the context and the text,
 * so it repeats only if the whole message does.
 */
const sealWith = (secret: Redacted.Redacted, context: string, text: string): Uint8Array => {
  const nonce = signatureOf(secret, "seal-nonce", JSON.stringify([context, text]))
  const cipher = createCipheriv("aes-256-gcm", signatureOf(secret, "seal-key", ""), nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

const openWith = (secret: Redacted.Redacted, context: string, sealed: Uint8Array): string | undefined => {
  const [nonce, tag, body] = [sealed.subarray(0, 12), sealed.subarray(12, 28), sealed.subarray(28)]
  if (tag.length < 16) return undefined
  const cipher = createDecipheriv("aes-256-gcm", signatureOf(secret, "seal-key", ""), nonce)
  cipher.setAAD(Buffer.from(context)).setAuthTag(tag)
  try {
    return Buffer.concat([cipher.update(body), cipher.final()]).toString("utf8")
  } catch {
    return undefined
  }
}

/** Signs with HMAC-SHA-256 under the service's secret. A signature for one purpose is not valid for another. */
export class Secrets extends Context.Service<
  Secrets,
  {
    readonly sign: (purpose: Purpose, message: string) => Uint8Array
    /** Returns the secret that made the signature, or `undefined` if neither did. Compares in constant time. */
    readonly verify: (purpose: Purpose, message: string, signature: Uint8Array) => "current" | "previous" | undefined
    /** Encrypts a text that callers keep but must not read. */
    readonly seal: (context: string, text: string) => Uint8Array
    /** Returns the text, or `undefined` unless it was sealed for this context under a secret of the service. */
    readonly open: (context: string, sealed: Uint8Array) => string | undefined
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
      seal: (context, text) => sealWith(current, context, text),
      open: (context, sealed) =>
        openWith(current, context, sealed) ??
        (previous === undefined ? undefined : openWith(previous, context, sealed)),
      sign: (purpose, message) => signatureOf(current, purpose, message),
      verify: (purpose, message, signature) => {
        if (isSignedWith(current, purpose, message, signature)) return "current"
        return previous !== undefined && isSignedWith(previous, purpose, message, signature) ? "previous" : undefined
      }
    })
  }
}
