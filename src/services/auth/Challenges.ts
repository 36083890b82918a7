import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { randomBytes } from "node:crypto"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { ProofInconclusive, ProofRefused } from "../../domain/SignIn.ts"
import type { Challenge, Proof, SignatureFormat } from "../../domain/SignIn.ts"
import type { Address } from "../bitcoin/Address.ts"
import { reads } from "../Reads.ts"
import { Secrets } from "../Secrets.ts"
import { writes } from "../Writes.ts"
import { expiryOf, signInMessage } from "./SignInMessage.ts"
import { verifySignature } from "./VerifySignature.ts"

export interface ChallengesOptions {
  /** `TBG_PUBLIC_URL`. */
  readonly publicUrl: string
  readonly network: BitcoinNetwork
  readonly acceptBip137: boolean
}

/** A valid proof whose nonce is not consumed yet. */
export interface Checked {
  readonly address: string
  readonly nonceHash: Uint8Array
}

/** 128 bits in hexadecimal. */
const nonceBytes = 16
const isNonce = (text: string): boolean => /^[0-9a-f]{32}$/u.test(text)

/** Number of wrong signatures after which a nonce is deleted. */
const mostFailures = 5

/** Number of expired rows that each new challenge removes, so that the table stays small without a job. */
const expiredPerIssue = 10

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ issued_at: Schema.DateTimeUtcFromDate })))

const formatsOf = ({ kind }: Address, acceptBip137: boolean): ReadonlyArray<SignatureFormat> => {
  if (kind === "p2pkh") return ["bip322-full", "bip137"]
  if (kind === "p2tr") return ["bip322-simple", "bip322-full"]
  if (kind === "p2wsh" || kind === "witness") return []
  return ["bip322-simple", "bip322-full", ...(acceptBip137 ? (["bip137"] as const) : [])]
}

const make = Effect.fnUntraced(function* ({ acceptBip137, network, publicUrl }: ChallengesOptions) {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const write = yield* writes
  const { sign } = yield* Secrets

  const hashOf = (nonce: string): Uint8Array => sign("nonce", nonce)
  const messageOf = (address: string, nonce: string, issuedAt: DateTime.Utc): string =>
    signInMessage({ publicUrl, network, address, nonce, issuedAt })

  const issue = Effect.fn("Challenges.issue")(function* (address: Address) {
    const nonce = randomBytes(nonceBytes).toString("hex")
    const issuedAt = yield* DateTime.now
    yield* sql`
      WITH expired AS (
        DELETE FROM tbg_api.signin_challenges WHERE nonce_hash IN (
          SELECT nonce_hash FROM tbg_api.signin_challenges WHERE expires_at <= ${DateTime.formatIso(issuedAt)}
          LIMIT ${expiredPerIssue} FOR UPDATE SKIP LOCKED
        )
      )
      INSERT INTO tbg_api.signin_challenges (nonce_hash, address, issued_at, expires_at)
      VALUES (${hashOf(nonce)}, ${address.text}, ${DateTime.formatIso(issuedAt)},
        ${DateTime.formatIso(expiryOf(issuedAt))})`.pipe(write, Effect.orDie)
    const message = messageOf(address.text, nonce, issuedAt)
    return { nonce, message, supported: formatsOf(address, acceptBip137) } satisfies Challenge
  })

  /** The condition under which a nonce can prove an address. */
  const isOpen = (hash: Uint8Array, address: string, now: DateTime.Utc) =>
    sql`nonce_hash = ${hash} AND address = ${address} AND expires_at > ${DateTime.formatIso(now)}
      AND failures < ${mostFailures}`

  const countFailure = Effect.fnUntraced(function* (hash: Uint8Array) {
    yield* write(sql`UPDATE tbg_api.signin_challenges SET failures = failures + 1 WHERE nonce_hash = ${hash}`)
    yield* write(sql`DELETE FROM tbg_api.signin_challenges WHERE nonce_hash = ${hash} AND failures >= ${mostFailures}`)
  }, Effect.orDie)

  const check = Effect.fn("Challenges.check")(function* (
    address: Address,
    { nonce, signature }: Omit<Proof, "address">
  ) {
    if (!isNonce(nonce)) return yield* new ProofRefused({ reason: "the nonce is malformed" })
    const hash = hashOf(nonce)
    const [challenge] = yield* sql`
      SELECT issued_at FROM tbg_api.signin_challenges WHERE ${isOpen(hash, address.text, yield* DateTime.now)}`.pipe(
      long,
      Effect.flatMap(decodeRows),
      Effect.orDie
    )
    if (challenge === undefined) return yield* new ProofRefused({ reason: "the nonce is unknown, used or expired" })
    const message = messageOf(address.text, nonce, challenge.issued_at)
    const verification = verifySignature({ address, message, signature, acceptBip137 })
    if (verification.outcome === "valid") return { address: address.text, nonceHash: hash } satisfies Checked
    const { outcome, reason } = verification
    if (outcome === "inconclusive") return yield* new ProofInconclusive({ reason })
    yield* countFailure(hash)
    return yield* new ProofRefused({ reason })
  })

  const consume = Effect.fn("Challenges.consume")(function* ({ address, nonceHash }: Checked) {
    const rows = yield* write(sql`
      DELETE FROM tbg_api.signin_challenges WHERE ${isOpen(nonceHash, address, yield* DateTime.now)}
      RETURNING address`)
    return rows.length > 0
  })

  const purge = Effect.fn("Challenges.purge")(function* (atMost: number) {
    const rows = yield* sql`
      DELETE FROM tbg_api.signin_challenges WHERE nonce_hash IN (
        SELECT nonce_hash FROM tbg_api.signin_challenges
        WHERE expires_at <= ${DateTime.formatIso(yield* DateTime.now)} LIMIT ${atMost} FOR UPDATE SKIP LOCKED
      ) RETURNING address`.pipe(write, Effect.orDie)
    return rows.length
  })

  return { issue, check, consume, purge }
})

/** Messages that players sign to prove their addresses (contract-game section 4). */
export class Challenges extends Context.Service<
  Challenges,
  {
    readonly issue: (address: Address) => Effect.Effect<Challenge>
    /** Verifies a proof. A wrong signature counts against its nonce; the fifth deletes it. */
    readonly check: (
      address: Address,
      proof: Omit<Proof, "address">
    ) => Effect.Effect<Checked, ProofRefused | ProofInconclusive>
    /** Consumes the nonce of a valid proof. False if another request did so first, so that one nonce gives one session. */
    readonly consume: (checked: Checked) => Effect.Effect<boolean, SqlError>
    /** Removes expired challenges, at most `atMost`, and returns their number. */
    readonly purge: (atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/auth/Challenges") {
  static readonly layer = (options: ChallengesOptions) => Layer.effect(Challenges, make(options))
}
