/** Result of checking a signature. `inconclusive` is a script or format that this service does not support. */
export type Verification =
  | { readonly outcome: "valid" }
  | { readonly outcome: "invalid"; readonly reason: string }
  | { readonly outcome: "inconclusive"; readonly reason: string }

export const valid: Verification = { outcome: "valid" }
export const invalid = (reason: string) => ({ outcome: "invalid", reason }) as const
export const inconclusive = (reason: string) => ({ outcome: "inconclusive", reason }) as const
