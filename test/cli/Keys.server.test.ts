import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { teamOfKey } from "../support/TeamOfKey.ts"

/** A migrated database with team `alpha`. */
const besideTeam = Effect.gen(function* () {
  const program = yield* programOnDatabase
  yield* program.migrate("up")
  yield* program.tbg("teams", "create", "alpha")
  return { ...program, keys: (...args: ReadonlyArray<string>) => program.tbg("keys", ...args) }
})

const keyShape = /^tbg_[0-9a-f]{32}_[0-9A-Za-z]{38}\n$/

describe("tbg keys", () => {
  it.live("prints only the new key on stdout, lists it without the key, and revokes it", () =>
    Effect.gen(function* () {
      const { client, keys } = yield* besideTeam
      const made = yield* keys("create", "--team", "alpha", "--label", "the bot", "--expires", "2100-01-31")
      assert.strictEqual(made.code, 0)
      assert.match(made.stdout, keyShape)
      const key = made.stdout.trim()
      assert.match(
        made.stderr,
        /^created key [0-9a-f-]{36} of team alpha, which expires 2100-01-31T00:00:00\.000Z; save it now, /
      )
      assert.notInclude(made.stderr, key)
      assert.strictEqual(yield* Effect.provide(teamOfKey(key), client), "alpha")

      const listed = yield* keys("list", "--team", "alpha", "--json")
      const [record] = JSON.parse(listed.stdout)
      assert.deepStrictEqual(Object.keys(record), [
        "id",
        "label",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at"
      ])
      assert.deepInclude(record, { label: "the bot", expires_at: "2100-01-31T00:00:00.000Z", revoked_at: null })
      const table = yield* keys("list", "--team", "alpha")
      assert.match(table.stdout, /^ID +LABEL +CREATED +EXPIRES +LAST USED +REVOKED\n\S+ +the bot +\S+Z +\S+Z .* -\n$/)
      assert.notInclude(listed.stdout + table.stdout, key.slice(37))

      const revoked = yield* keys("revoke", record.id)
      assert.deepStrictEqual([revoked.code, revoked.stdout], [0, `revoked key ${record.id}\n`])
      assert.strictEqual((yield* Effect.flip(Effect.provide(teamOfKey(key), client)))._tag, "KeyRefused")
      const again = yield* keys("revoke", record.id)
      assert.deepStrictEqual(
        [again.code, again.stderr],
        [64, `key ${record.id} does not exist or is revoked; run tbg keys list\n`]
      )
    })
  )

  it.live("rejects an unknown team, a time in the past and a key in place of its id, without printing the key", () =>
    Effect.gen(function* () {
      const { keys } = yield* besideTeam
      const refusals = [
        [["--team", "unknown"], /^team unknown does not exist; run tbg teams list\n$/],
        [
          ["--team", "alpha", "--expires", "2001-02-03"],
          /^--expires "2001-02-03": expected a time in the future\nsee tbg keys create --help\n$/
        ]
      ] as const
      for (const [args, words] of refusals) {
        const { code, stderr, stdout } = yield* keys("create", ...args)
        assert.deepStrictEqual([code, stdout], [64, ""])
        assert.match(stderr, words)
      }
      assert.strictEqual((yield* keys("list", "--team", "alpha", "--json")).stdout, "[]\n")
      const key = (yield* keys("create", "--team", "alpha")).stdout.trim()
      const wrong = yield* keys("revoke", key)
      assert.deepStrictEqual(
        [wrong.code, wrong.stderr],
        [64, "invalid key id; expected an id from tbg keys list, not the key itself\n"]
      )
      assert.strictEqual((yield* keys("revoke", key.slice(4, 36))).code, 0)
    })
  )
})
