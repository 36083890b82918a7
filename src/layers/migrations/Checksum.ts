import { createHash } from "node:crypto"

/** File beside the migrations of a bundle: the checksum of each source, by name. */
export const manifestName = "checksums.json"

/** SHA-256 of a source in hexadecimal, independent of its line endings. */
export const checksumOf = (source: string): string =>
  createHash("sha256").update(source.replaceAll(/\r\n?/g, "\n")).digest("hex")
