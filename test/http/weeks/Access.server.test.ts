import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { alice } from "../../support/mining/MiningRoutes.ts"
import { jsonOf } from "../../support/TestRoutes.ts"
import { ada, bela, cy, gameRoutes, miners } from "../../support/weeks/GameRoutes.ts"

const boards = ["difficulty", "work", "luck"] as const
const [hiddenOne] = bela.addresses

const byAddress = (address: string) => [
  `/api/v1/miners/${address}/weeks`,
  ...boards.map((board) => `/api/v1/leaderboard/miners/${address}?board=${board}`)
]

const all = ["/api/v1/leaderboard", "/api/v1/weeks/2026-W50", "/api/v1/weeks/2026-W49", ...byAddress(miners[0] ?? "")]

describe("a hidden miner on the boards", () => {
  it.effect("keeps its rank without name and address, and is 404 by address, except for its owner", () =>
    Effect.gen(function* () {
      const { boards: service, entriesOf, get, read, sessions } = yield* gameRoutes()
      for (const week of ["2026-W49", "2026-W50"]) {
        for (const board of boards) {
          const query = `board=${board}&week=${week}&limit=2`
          const shown = yield* entriesOf(query, sessions.bela)
          const index = shown.findIndex((entry) => Object(entry).address === hiddenOne)
          assert.strictEqual(Object(shown[index]).name, "Bela", query)
          const blanked = shown.with(index, { ...Object(shown[index]), name: null, address: null })
          for (const caller of [{}, sessions.ada]) assert.deepStrictEqual(yield* entriesOf(query, caller), blanked)
        }
      }
      for (const path of byAddress(hiddenOne)) {
        assert.strictEqual((yield* get(path, sessions.bela)).status, 200, path)
        for (const caller of [{}, sessions.ada]) assert.strictEqual((yield* get(path, caller)).status, 404, path)
      }
      const { entries } = yield* service.top("difficulty", 100)
      assert.lengthOf(
        entries.filter(({ address }) => address === null),
        1
      )
      assert.notInclude(JSON.stringify(entries), hiddenOne)
      assert.notInclude(JSON.stringify(yield* read("/api/v1/weeks/2026-W49")), hiddenOne)
    })
  )

  it.effect("is not named by a cursor", () =>
    Effect.gen(function* () {
      const { read, sessions } = yield* gameRoutes()
      const { entries } = Object(yield* read("/api/v1/leaderboard?limit=100", sessions.bela))
      const rank = entries.findIndex(({ address }: { address: string }) => address === hiddenOne)
      const { next_cursor } = Object(yield* read(`/api/v1/leaderboard?limit=${rank + 1}`))
      assert.isNull(Object(yield* read(`/api/v1/leaderboard?limit=${rank + 1}`)).entries[rank].address)
      const bytes = Buffer.from(next_cursor, "base64url").toString("latin1")
      for (const secret of [hiddenOne, hiddenOne.slice(4, 20), "address"]) assert.notInclude(bytes, secret)
    })
  )

  it.effect("is every miner if all are hidden, and its signed-in owner still sees the own entry", () =>
    Effect.gen(function* () {
      const { boards: service, entriesOf, get, sessions } = yield* gameRoutes({ isPublic: false })
      const addressesFor = (headers: Readonly<Record<string, string>>) =>
        Effect.map(
          entriesOf("limit=100", headers),
          (entries) => new Set(entries.flatMap((entry) => Object(entry).address ?? []))
        )
      assert.deepStrictEqual(yield* addressesFor({}), new Set())
      assert.deepStrictEqual(yield* addressesFor(sessions.ada), new Set(ada.addresses))
      assert.deepStrictEqual(yield* addressesFor(sessions.cy), new Set(cy.addresses))
      const { entries } = yield* service.top("work", 3)
      assert.deepStrictEqual(
        entries.map(({ address, rank }) => [rank, address]),
        [
          [1, null],
          [2, null],
          [3, null]
        ]
      )
      const [own] = ada.addresses
      const statuses = [sessions.ada, sessions.cy, {}].map((caller) =>
        Effect.map(get(`/api/v1/miners/${own}/weeks`, caller), ({ status }) => status)
      )
      assert.deepStrictEqual(yield* Effect.all(statuses), [200, 404, 404])
    })
  )
})

describe("reads of the weekly game", () => {
  it.effect("have an entity tag of the position, the boards and the query, and the headers of mining reads", () =>
    Effect.gen(function* () {
      const { boards: service, get, run } = yield* gameRoutes()
      const tags = yield* Effect.forEach(all, (path) =>
        Effect.map(get(path), ({ headers, status }) => {
          assert.strictEqual(status, 200, path)
          assert.strictEqual(headers.get("cache-control"), "private, max-age=1")
          assert.strictEqual(headers.get("vary"), "Authorization, Origin")
          return headers.get("etag") ?? ""
        })
      )
      assert.lengthOf(new Set(tags), all.length)
      const statuses = Effect.forEach(all, (path, index) =>
        Effect.map(get(path, { "if-none-match": tags[index] ?? "" }), ({ status }) => status)
      )
      assert.deepStrictEqual(new Set(yield* statuses), new Set([304]))
      yield* run("UPDATE tbg_api.mining_week_state SET version = version + 1")
      yield* service.refresh
      assert.deepStrictEqual(new Set(yield* statuses), new Set([200]))
    })
  )

  it.effect("are 422 for an unknown board, week or cursor, and 404 for a week or miner without data", () =>
    Effect.gen(function* () {
      const { get } = yield* gameRoutes()
      const invalid = [
        ["/api/v1/leaderboard?board=speed", "board"],
        ["/api/v1/leaderboard?week=2026-W54", "week"],
        ["/api/v1/leaderboard?week=2025-W53", "week"],
        ["/api/v1/leaderboard?week=last", "week"],
        ["/api/v1/leaderboard?week=W1", "week"],
        ["/api/v1/leaderboard?week=2026-W00", "week"],
        ["/api/v1/leaderboard?week=CURRENT", "week"],
        ["/api/v1/leaderboard?week=2026-W49%00", "week"],
        ["/api/v1/leaderboard?cursor=AAAA", "cursor"],
        ["/api/v1/leaderboard?limit=101", "limit"],
        ["/api/v1/leaderboard?page=2", "page"],
        ["/api/v1/weeks/2026-50", "week"],
        ["/api/v1/weeks/2025-W53", "week"],
        ["/api/v1/weeks/W1", "week"],
        ["/api/v1/weeks/current", "week"],
        ["/api/v1/leaderboard/miners/nonsense", "address"],
        [`/api/v1/leaderboard/miners/${alice}?board=speed`, "board"],
        [`/api/v1/miners/${miners[0]}/weeks?cursor=AAAA`, "cursor"]
      ] as const
      for (const [path, field] of invalid) {
        const response = yield* get(path)
        assert.strictEqual(response.status, 422, path)
        const { errors } = Object(yield* jsonOf(response))
        assert.lengthOf(errors, 1, path)
        assert.strictEqual(errors[0].path, field)
      }
      const absent = [
        ...["2026-W51", "2026-W48", "0000-W01", "1969-W30", "9999-W52"].flatMap((week) => [
          `/api/v1/leaderboard?week=${week}`,
          `/api/v1/weeks/${week}`
        ]),
        ...byAddress(alice)
      ]
      for (const path of absent) {
        const response = yield* get(path)
        assert.strictEqual(response.status, 404, path)
        assert.deepStrictEqual(yield* jsonOf(response), { detail: "Not found" })
      }
    })
  )
})
