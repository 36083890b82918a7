const block = 512

export interface TarEntry {
  readonly path: string
  readonly folder: boolean
  readonly data: Buffer
}

/** The entries of a plain ustar archive, as `PGlite.dumpDataDir("none")` makes it; paths are relative. */
export const tarEntries = function* (archive: Buffer): Generator<TarEntry> {
  for (let at = 0; at + block <= archive.length && archive[at] !== 0;) {
    const text = (from: number, length: number) =>
      archive.toString("latin1", at + from, at + from + length).replace(/\0.*$/su, "")
    const size = Number.parseInt(text(124, 12), 8)
    const start = at + block
    yield {
      path: text(0, 100).replace(/^\/+|\/+$/gu, ""),
      folder: text(156, 1) === "5",
      data: archive.subarray(start, start + size)
    }
    at = start + Math.ceil(size / block) * block
  }
}
