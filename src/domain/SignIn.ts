import { Schema } from "effect"

/** Forms of signatures that prove an address. */
export const SignatureFormat = Schema.Literals(["bip322-simple", "bip322-full", "bip137"])
export type SignatureFormat = typeof SignatureFormat.Type

/** Seconds in which a challenge has to be signed. */
export const challengeSeconds = 300

/** A message to sign. */
export interface Challenge {
  readonly nonce: string
  readonly message: string
  /** Formats that prove the address; none if its type is not supported. */
  readonly supported: ReadonlyArray<SignatureFormat>
}

/** A signature for a challenge. */
export interface Proof {
  readonly address: string
  readonly nonce: string
  readonly signature: string
}

/** The proof does not hold. `reason` is for the log: the nonce is unknown, or the signature is wrong. */
export class ProofRefused extends Schema.TaggedError<ProofRefused>()("ProofRefused", { reason: Schema.String }) {}

/** A signature of a type that this service does not verify. */
export class ProofInconclusive extends Schema.TaggedError<ProofInconclusive>()("ProofInconclusive", {
  reason: Schema.String
}) {}
