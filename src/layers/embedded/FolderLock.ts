import { Effect, Predicate } from "effect"
import type { Scope } from "effect"
import { randomUUID } from "node:crypto"
import { chmodSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs"
import { connect, createServer } from "node:net"
import type { Server } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { EmbeddedUnavailable } from "./Failures.ts"
import { FolderLocked, unavailableIn } from "./Failures.ts"

/** What a socket's address holds: 107 bytes on Linux, 103 on macOS and the BSDs. */
const socketPathBytes = 103

/**
 * Makes `folder` (0700) and holds it until the scope closes: one holder a folder on a machine, in this process too.
 *
 * The holder listens on a Unix socket, which the kernel closes however the process ends; `lock.N` is a link to it.
 * Taking over from a dead holder never removes its link, as two who both saw it dead could remove each other's.
 * Instead:
 * 1. `lock.N+1` may be made only after the newest lock, N, was seen dead; making a link is atomic, so one process does.
 * 2. Locks below a holder's are swept by that holder alone, and the newest is never removed, not even by its owner at
 *    the end. A link made late, below the newest, is seen as such by looking once more, and given up.
 */
export const lockFolder = (folder: string): Effect.Effect<void, FolderLocked | EmbeddedUnavailable, Scope.Scope> =>
  Effect.try({ try: () => prepareFolder(folder), catch: unavailableIn(folder) }).pipe(
    Effect.andThen(Effect.acquireRelease(holdFolder(folder), close)),
    Effect.asVoid
  )

const prepareFolder = (folder: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A folder that holds the files of others keeps its mode; the one of the data is 0700 in any case.
  if (readdirSync(folder).every((name) => name.startsWith("data") || name.startsWith("lock"))) chmodSync(folder, 0o700)
}

const holdFolder = Effect.fnUntraced(function* (folder: string) {
  while (true) {
    const newest = newestLock(folder)
    if (newest > 0 && (yield* answers(socketOf(folder, newest)))) return yield* new FolderLocked({ folder })
    const server = yield* claim(folder, newest + 1)
    if (server !== undefined) return server
  }
})

/** A lost claim closes its socket: a later one must not listen on a path that the winner has swept. */
const claim = Effect.fnUntraced(function* (folder: string, number: number) {
  const target = socketName(folder)
  const server = yield* listen(resolve(folder, target)).pipe(Effect.mapError(unavailableIn(folder)))
  const won = yield* Effect.try({ try: () => wins(folder, number, target), catch: unavailableIn(folder) }).pipe(
    Effect.tapError(() => close(server))
  )
  if (won) return server
  yield* close(server)
  return undefined
})

const wins = (folder: string, number: number, target: string): boolean => {
  if (!makesLink(target, lockPath(folder, number))) return false
  if (newestLock(folder) > number) {
    rmSync(lockPath(folder, number), { force: true })
    return false
  }
  for (const older of locks(folder)) {
    if (older >= number) continue
    rmSync(socketOf(folder, older), { force: true })
    rmSync(lockPath(folder, older), { force: true })
  }
  return true
}

const makesLink = (target: string, path: string): boolean => {
  try {
    symlinkSync(target, path)
    return true
  } catch (cause) {
    if (hasCode(cause, "EEXIST")) return false
    throw cause
  }
}

/** Relative where the folder's path leaves room, so that the lock holds through another mount of the folder as well. */
const socketName = (folder: string): string => {
  const name = `lock-${randomUUID()}.sock`
  return Buffer.byteLength(join(folder, name)) <= socketPathBytes ? name : join(tmpdir(), `tbg-${name}`)
}

const lockPath = (folder: string, number: number) => join(folder, `lock.${number}`)

const socketOf = (folder: string, number: number): string => {
  try {
    return resolve(folder, readlinkSync(lockPath(folder, number)))
  } catch {
    return lockPath(folder, number)
  }
}

const locks = (folder: string): ReadonlyArray<number> =>
  readdirSync(folder).flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice("lock.".length))] : []))

const newestLock = (folder: string): number => Math.max(0, ...locks(folder))

const listen = (path: string) =>
  Effect.callback<Server, Error>((resume) => {
    const server = createServer((peer) => peer.destroy())
    server.once("error", (cause) => resume(Effect.fail(cause)))
    server.listen(path, () => resume(Effect.succeed(server)))
    server.unref()
  })

/** Whether someone listens. Only "nobody there" counts as dead: a doubt must not let a second process in. */
const answers = (path: string) =>
  Effect.callback<boolean>((resume) => {
    const peer = connect(path)
    peer.once("connect", () => {
      peer.destroy()
      resume(Effect.succeed(true))
    })
    peer.once("error", (cause) => resume(Effect.succeed(!hasCode(cause, "ECONNREFUSED") && !hasCode(cause, "ENOENT"))))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
  })

const hasCode = (cause: unknown, code: string): boolean => Predicate.hasProperty(cause, "code") && cause.code === code
