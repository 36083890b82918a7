import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Exit, Scope } from "effect"
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { lockFolder } from "../../../src/layers/embedded/FolderLock.ts"
import { openInChild, temporaryFolder } from "../../support/EmbeddedFolder.ts"

/** Rounds of the race; `make test-long` adds to them. Losers wait for SQLite, so a round takes most of a second. */
const rounds = Config.Int("TBG_TEST_REPEAT").pipe(
  Config.withDefault(1),
  Config.map((times) => times + 1)
)

describe("the lock of a folder", () => {
  it.effect("is refused to a second scope of the same process", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* lockFolder(folder)
      const error = yield* Effect.flip(lockFolder(folder))
      assert.strictEqual(error._tag, "FolderLocked")
    })
  )

  it.effect("is free again once its scope is closed", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.scoped(lockFolder(folder))
      yield* Effect.scoped(lockFolder(folder))
      assert.deepStrictEqual(readdirSync(folder), ["lock"])
    })
  )

  it.effect("goes to exactly one of many concurrent scopes, repeatedly", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const times = yield* rounds
      const winners = yield* Effect.forEach(Array.from({ length: times }), () =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const exits = yield* Effect.forEach(
            Array.from({ length: 8 }),
            () => Effect.exit(lockFolder(folder).pipe(Scope.provide(scope))),
            { concurrency: "unbounded" }
          )
          yield* Scope.close(scope, Exit.void)
          return exits.filter(Exit.isSuccess).length
        })
      )
      assert.deepStrictEqual(
        winners,
        Array.from({ length: times }, () => 1)
      )
    })
  )

  it.effect(
    "goes to exactly one of several processes after its owner was killed",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const first = yield* openInChild(folder)
        assert.strictEqual(yield* first.line, "open")
        yield* first.kill
        const racers = yield* Effect.forEach([1, 2], () => openInChild(folder))
        const said = yield* Effect.forEach(racers, (racer) => racer.line, { concurrency: "unbounded" })
        assert.lengthOf(
          said.filter((line) => line === "open"),
          1
        )
      }),
    60_000
  )

  it.effect("fails with the reason if the lock file cannot be created", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "lock"))
      const error = yield* Effect.flip(lockFolder(folder))
      assert.strictEqual(error._tag, "EmbeddedUnavailable")
      assert.match(error.message, /cannot be opened: unable to open database file$/u)
    })
  )

  it.effect("keeps the mode of a folder that holds other files", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "shared")
      mkdirSync(folder)
      chmodSync(folder, 0o755)
      writeFileSync(join(folder, "notes.txt"), "")
      yield* lockFolder(folder)
      assert.strictEqual(statSync(folder).mode & 0o777, 0o755)
    })
  )
})
