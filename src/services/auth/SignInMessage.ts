import { DateTime } from "effect"
import { challengeSeconds } from "../../domain/SignIn.ts"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"

export interface MessageParts {
  /** `TBG_PUBLIC_URL`. */
  readonly publicUrl: string
  readonly network: BitcoinNetwork
  readonly address: string
  readonly nonce: string
  readonly issuedAt: DateTime.Utc
}

export const expiryOf = (issuedAt: DateTime.Utc): DateTime.Utc => DateTime.add(issuedAt, { seconds: challengeSeconds })

/** Text to sign, modeled on EIP-4361. Its domain shows players which site they sign in to. */
export const signInMessage = ({ address, issuedAt, network, nonce, publicUrl }: MessageParts): string =>
  [
    `${new URL(publicUrl).host} wants you to sign in with your Bitcoin account:`,
    address,
    "",
    "Sign in to The Bitcoin Game. This costs nothing and moves no bitcoin.",
    "",
    `URI: ${publicUrl}`,
    "Version: 1",
    `Network: ${network}`,
    `Nonce: ${nonce}`,
    `Issued At: ${DateTime.formatIso(issuedAt)}`,
    `Expiration Time: ${DateTime.formatIso(expiryOf(issuedAt))}`
  ].join("\n")
