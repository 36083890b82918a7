import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeLineWriter } from "../../src/layers/LogWriter.ts"

const temporaryFile = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "tbg-lines-"))
    const path = join(folder, "log")
    return { folder, path, fd: openSync(path, "w") }
  }),
  ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

const textOf = (path: string) => Effect.sync(() => readFileSync(path, "utf8"))

describe("LogWriter", () => {
  it.live("has written every line in order when its scope closes", () =>
    Effect.gen(function* () {
      const { fd, path } = yield* temporaryFile
      const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`)
      yield* Effect.scoped(Effect.map(makeLineWriter(fd), (write) => lines.forEach(write)))
      assert.strictEqual(yield* textOf(path), lines.join(""))
    })
  )

  it.effect("batches lines", () =>
    Effect.gen(function* () {
      const { fd, path } = yield* temporaryFile
      const write = yield* makeLineWriter(fd)
      write("one\n")
      write("two\n")
      yield* TestClock.adjust("19 millis")
      assert.strictEqual(yield* textOf(path), "")
    })
  )

  it.live("does not end the process when its reader exits", () =>
    Effect.gen(function* () {
      const { fd } = yield* temporaryFile
      closeSync(fd)
      yield* Effect.scoped(Effect.map(makeLineWriter(fd), (write) => write("lost\n")))
    })
  )
})
