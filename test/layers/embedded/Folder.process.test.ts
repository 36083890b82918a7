import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fs, { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { openClient, openInChild, temporaryFolder } from "../../support/EmbeddedFolder.ts"

const seconds = 30_000

/** Number of files opened for synchronous writes from now until the scope closes. */
const countedOpens = Effect.gen(function* () {
  const original = fs.openSync
  const count = { synchronous: 0 }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      fs.openSync = (path, flags, mode) => {
        if (String(path).includes("pg_wal") && (Number(flags) & fs.constants.O_SYNC) === fs.constants.O_SYNC) {
          count.synchronous++
        }
        return original(path, flags, mode)
      }
    }),
    () => Effect.sync(() => void (fs.openSync = original))
  )
  return count
})

describe("the embedded database in a folder", () => {
  it.effect("keeps what was written, in a folder that other users cannot read", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "deep", "down")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* openClient(folder)
          yield* sql`CREATE TABLE kept (id int)`
          yield* sql`INSERT INTO kept VALUES (1)`
        })
      )
      const sql = yield* openClient(folder)
      assert.deepStrictEqual(yield* sql`SELECT id FROM kept`, [{ id: 1 }])
      assert.strictEqual(statSync(folder).mode & 0o777, 0o700)
      assert.strictEqual(statSync(join(folder, "data")).mode & 0o777, 0o700)
    })
  )

  it.effect("rolls back a transaction that was open at shutdown", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* openClient(folder)
          yield* sql`CREATE TABLE half (id int)`
          const connection = yield* sql.reserve
          yield* connection.executeRaw("BEGIN", [])
          yield* connection.executeRaw("INSERT INTO half VALUES (1)", [])
        })
      )
      const sql = yield* openClient(folder)
      assert.deepStrictEqual(yield* sql`SELECT id FROM half`, [])
    })
  )

  it.effect("has a synchronous log, so that a commit is on disk before the response", () =>
    Effect.gen(function* () {
      const opens = yield* countedOpens
      const sql = yield* openClient(yield* temporaryFolder)
      yield* sql`CREATE TABLE durable (id int)`
      assert.isAtLeast(opens.synchronous, 1)
    })
  )

  it.effect("starts over a first startup that was killed", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "data.new"))
      mkdirSync(join(folder, "data"))
      writeFileSync(join(folder, "data", "PG_VERSION"), "18")
      yield* Effect.scoped(Effect.flatMap(openClient(folder), (sql) => sql`CREATE TABLE kept (id int)`))
      assert.deepStrictEqual(readdirSync(folder), ["data", "lock"])
      const sql = yield* openClient(folder)
      assert.deepStrictEqual(yield* sql`SELECT id FROM kept`, [])
    })
  )

  it.effect(
    "loses no commit after kill -9",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const child = yield* openInChild(folder)
        let committed = yield* child.line
        while (committed !== "50") committed = yield* child.line
        yield* child.kill
        const sql = yield* openClient(folder)
        const rows = yield* sql<{
          complete: boolean
        }>`SELECT count(*) >= 50 AND count(*) = max(id) AS complete FROM written`
        assert.deepStrictEqual(rows, [{ complete: true }])
      }),
    seconds
  )

  it.effect(
    "rejects a second process in one line, without damage",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const sql = yield* openClient(folder)
        yield* sql`CREATE TABLE mine (id int)`
        const child = yield* openInChild(folder)
        assert.strictEqual(
          yield* child.line,
          `embedded database in ${folder} is in use by another process; stop it or choose another folder`
        )
        assert.strictEqual(yield* child.exitCode, 69)
        assert.deepStrictEqual(yield* sql`INSERT INTO mine VALUES (1) RETURNING id`, [{ id: 1 }])
      }),
    seconds
  )

  it.effect("reports in one line that the folder cannot be created", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "file")
      writeFileSync(file, "")
      const error = yield* Effect.flip(openClient(join(file, "folder")))
      assert.strictEqual(error._tag, "EmbeddedUnavailable")
      assert.match(error.message, /^embedded database in .*\/file\/folder cannot be opened: ENOTDIR/u)
    })
  )

  it.effect("reports in one line that the files are not a database", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "data"))
      writeFileSync(join(folder, "data", "PG_VERSION"), "9\n")
      const error = yield* Effect.flip(openClient(folder))
      assert.strictEqual(error._tag, "EmbeddedUnavailable")
      assert.strictEqual(readFileSync(join(folder, "data", "PG_VERSION"), "utf8"), "9\n")
    })
  )
})
