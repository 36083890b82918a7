import type { Board } from "./Board.ts"

/** Frozen entry in the digest. */
export interface DigestEntry {
  readonly board: Board
  readonly rank: number
  readonly value: number
  /** Salted hash of the address in hexadecimal. */
  readonly hash: string
}

/** Line of the digest, whose boards are in the order of `Board`. The value is printed as in JSON (ECMAScript, RFC 8785). */
export const digestLine = ({ board, hash, rank, value }: DigestEntry): string =>
  `${board},${rank},${String(value)},${hash}\n`
