import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { makeEmbeddedDatabase } from "../../src/layers/EmbeddedDatabase.ts"

/** A new folder, removed when the scope closes. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "tbg-embedded-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** A client of the embedded database, over four connections. */
export const openClient = Effect.fnUntraced(function* (folder: string | undefined, multiplex = false) {
  const embedded = yield* makeEmbeddedDatabase({ folder, statementTimeoutMs: 8000 })
  return yield* PgClient.make({ ...embedded, maxConnections: 4, multiplex })
}, Effect.provide(Reactivity.layer))

const script = fileURLToPath(new URL("./embeddedChild.ts", import.meta.url))

/** A process that opens the folder and writes to it; killed at the end of the scope. */
export const openInChild = (folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] })
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
      const ended = once(child, "exit")
      return {
        /** The next printed line; `undefined` at the end. */
        line: Effect.promise(async () => (await lines.next()).value),
        exitCode: Effect.promise(async () => {
          await ended
          return child.exitCode
        }),
        kill: Effect.promise(async () => {
          child.kill("SIGKILL")
          await ended
        })
      }
    }),
    (child) => child.kill
  )
