import { Context, Layer, Redacted } from "effect"
import { hash, timingSafeEqual } from "node:crypto"

export interface SecretsOptions {
  /** `TBG_SECRET_KEY`. */
  readonly current: Redacted.Redacted
  /** `TBG_SECRET_KEY_PREVIOUS`, while what it signed is still about. */
  readonly previous: Redacted.Redacted | undefined
}

/** Bytes of a code: a cursor travels in every page, and half of one is still beyond guessing (RFC 2104, section 5). */
const codeLengths = { "api-key": 32, cursor: 16, fingerprint: 16 } as const

type Purpose = keyof typeof codeLengths

/** Which of the service's secrets a code was made with. */
export type MadeWith = "current" | "previous"

const blockLength = 64
const sha256 = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer")

/**
 * HMAC-SHA-256 (RFC 2104) by one-shot hashes. Node's `createHmac` makes an object with a native part each time, which
 * the collector has to see to: two of them were 6 % of the CPU time of a page of posts (docs/performance.md).
 */
export const makeHmac = (secret: string): ((message: string) => Buffer) => {
  const bytes = Buffer.from(secret)
  const block = Buffer.alloc(blockLength)
  block.set(bytes.length > blockLength ? sha256(bytes) : bytes)
  const inner = block.map((byte) => byte ^ 0x36)
  const outer = block.map((byte) => byte ^ 0x5c)
  return (message) => sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, Buffer.from(message)]))]))
}

/** HMAC-SHA-256 under the service's secret, for one purpose: a code made for another never fits. */
export class Secrets extends Context.Service<
  Secrets,
  {
    /** 32 bytes; 16 for a cursor. */
    readonly codeOf: (purpose: Purpose, message: string) => Uint8Array
    /** Compares in constant time; `undefined` where the code was made with neither secret. */
    readonly madeWith: (purpose: Purpose, message: string, code: Uint8Array) => MadeWith | undefined
    /** Of the current and the previous secret, in hexadecimal: tells whether a secret is the same, and nothing about it. */
    readonly fingerprints: readonly [current: string, ...previous: ReadonlyArray<string>]
  }
>()("tbg-api/services/Secrets") {
  static readonly layer = ({ current, previous }: SecretsOptions) => {
    const underCurrent = makeHmac(Redacted.value(current))
    const underPrevious = previous === undefined ? undefined : makeHmac(Redacted.value(previous))
    const codeUnder = (hmac: typeof underCurrent, purpose: Purpose, message: string): Uint8Array =>
      hmac(`tbg ${purpose}\n${message}`).subarray(0, codeLengths[purpose])
    const isCode = (hmac: typeof underCurrent, purpose: Purpose, message: string, code: Uint8Array): boolean =>
      code.length === codeLengths[purpose] && timingSafeEqual(codeUnder(hmac, purpose, message), code)
    const fingerprintUnder = (hmac: typeof underCurrent) =>
      Buffer.from(codeUnder(hmac, "fingerprint", "")).toString("hex")
    return Layer.succeed(Secrets, {
      fingerprints: [
        fingerprintUnder(underCurrent),
        ...(underPrevious === undefined ? [] : [fingerprintUnder(underPrevious)])
      ],
      codeOf: (purpose, message) => codeUnder(underCurrent, purpose, message),
      madeWith: (purpose, message, code) => {
        if (isCode(underCurrent, purpose, message, code)) return "current"
        return underPrevious !== undefined && isCode(underPrevious, purpose, message, code) ? "previous" : undefined
      }
    })
  }
}
