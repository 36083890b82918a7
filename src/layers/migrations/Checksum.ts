import { createHash } from "node:crypto"

/** Beside the steps of a bundle: the checksum of each one's source, by the step's name. */
export const manifestName = "checksums.json"

/** SHA-256, in hexadecimal, of a step's source; the same whatever ends its lines. */
export const checksumOf = (source: string): string =>
  createHash("sha256").update(source.replaceAll(/\r\n?/g, "\n")).digest("hex")
