import { createHash } from "node:crypto"

/** File with the checksums of bundled migrations by name. */
export const manifestName = "checksums.json"

/** SHA-256 of a source in hexadecimal, independent of its line endings. */
export const checksumOf = (source: string): string =>
  createHash("sha256").update(source.replaceAll(/\r\n?/g, "\n")).digest("hex")
