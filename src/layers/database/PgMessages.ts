/** Whether a connection attempt timed out. @effect/sql-pg 4.0.5 has no class or code for it, only this message. */
export const isConnectTimeout = (cause: unknown): boolean =>
  cause instanceof Error && cause.message === "Connection timed out"
