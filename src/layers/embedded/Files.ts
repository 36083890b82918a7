import type { PGliteOptions } from "@electric-sql/pglite"
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { clusterArchive } from "./Cluster.ts"
import { tarEntries } from "./Tar.ts"

type Files = NonNullable<PGliteOptions["fs"]>

/** Where PGlite mounts the cluster. */
const mount = "/pglite/data"

/** Files in memory that hold a new cluster. `loadDataDir` would do the same and keep 40 MB more. */
export const makeMemoryFiles = async (): Promise<Files> => {
  const { MemoryFS } = await import("@electric-sql/pglite")
  const archive = await clusterArchive()
  return new (class extends MemoryFS {
    override async initialSyncFs() {
      for (const { data, folder, path } of tarEntries(archive)) {
        if (folder) this.pg?.Module.FS.mkdirTree(join(mount, path))
        else this.pg?.Module.FS.writeFile(join(mount, path), Uint8Array.from(data), { canOwn: true })
      }
    }
  })()
}

/** Files in `<folder>/data`, holding a new cluster where there was none. */
export const makeFolderFiles = async (folder: string): Promise<Files> => {
  const data = join(folder, "data")
  if (!existsSync(data)) writeCluster(await clusterArchive(), data)
  const { NodeFS } = await import("@electric-sql/pglite/nodefs")
  return new (class extends NodeFS {
    // PGlite forgets to pass `fsync` on to the disk, so that a power cut would lose what was committed.
    override async initialSyncFs() {
      const nodeFiles = this.pg?.Module.NODEFS
      nodeFiles.stream_ops.fsync = (stream: { readonly nfd?: number; readonly node: unknown }) => {
        if (stream.nfd === undefined) syncPath(nodeFiles.realPath(stream.node))
        else fsyncSync(stream.nfd)
        return 0
      }
    }
  })(data)
}

/** Written beside, and moved whole: a start that was killed leaves no half of a cluster. */
const writeCluster = (archive: Buffer, folder: string) => {
  const draft = `${folder}.new`
  rmSync(draft, { force: true, recursive: true })
  mkdirSync(draft, { mode: 0o700 })
  const folders = [draft]
  for (const entry of tarEntries(archive)) {
    const path = join(draft, entry.path)
    if (!entry.folder) writeFileSync(path, entry.data, { flush: true, mode: 0o600 })
    else if (path !== draft) {
      mkdirSync(path, { mode: 0o700, recursive: true })
      folders.push(path)
    }
  }
  folders.forEach(syncPath)
  renameSync(draft, folder)
  syncPath(join(folder, ".."))
}

const syncPath = (path: string) => {
  const descriptor = openSync(path, "r")
  fsyncSync(descriptor)
  closeSync(descriptor)
}
