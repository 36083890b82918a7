import type { Board } from "./Board.ts"

/** Frozen entry as the digest has it. */
export interface DigestEntry {
  readonly board: Board
  readonly rank: number
  readonly value: number
  /** Salted hash of the address in hexadecimal. */
  readonly hash: string
}

/** Boards in the order of the digest. */
export const digestBoards = ["difficulty", "work", "luck"] as const satisfies ReadonlyArray<Board>

/** Line of the digest. The value is printed as in JSON (ECMAScript, RFC 8785). */
export const digestLine = ({ board, hash, rank, value }: DigestEntry): string =>
  `${board},${rank},${String(value)},${hash}\n`
