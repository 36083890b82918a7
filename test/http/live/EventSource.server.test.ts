import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Browser, newPage, skipWithoutBrowser } from "../../support/Browser.ts"
import { httpStub } from "../../support/HttpStub.ts"
import { liveReplicas, networkEvent } from "../../support/live/LiveReplicas.ts"
import { haproxy, loadBalancer } from "../../support/LoadBalancer.ts"
import { newPlayer } from "../../support/PlayerDatabase.ts"
import { nginx, nginxBefore } from "../../support/ReverseProxy.ts"
import { playerClient } from "../../support/SignInRoutes.ts"
import { jsonOf } from "../../support/TestRoutes.ts"

skipWithoutBrowser()

/** Opens a native `EventSource` in the page, and records what it reports. */
const watch = (url: string) => `
  globalThis.live = { events: [], opened: 0, closed: false }
  const source = new EventSource(${JSON.stringify(url)})
  source.onopen = () => { live.opened += 1 }
  source.onerror = () => { live.closed ||= source.readyState === EventSource.CLOSED }
  for (const type of ["share", "network", "summary", "reset", "bye"])
    source.addEventListener(type, (event) => live.events.push({ id: event.lastEventId, ...JSON.parse(event.data) }))`

const Watched = Schema.Struct({
  closed: Schema.Boolean,
  opened: Schema.Int,
  events: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      type: Schema.String,
      topic: Schema.optionalKey(Schema.String),
      height: Schema.optionalKey(Schema.Int),
      worker: Schema.optionalKey(Schema.String)
    })
  )
})
const decodeWatched = Schema.decodeUnknownEffect(Watched)
const decodeTicket = Schema.decodeUnknownEffect(Schema.Struct({ ticket: Schema.String }))

const proxies = [
  {
    name: "nginx",
    isMissing: nginx.isMissing,
    startedBefore: (ports: ReadonlyArray<number>) =>
      nginxBefore(ports, "proxy_set_header X-Forwarded-For $remote_addr;")
  },
  {
    name: "HAProxy",
    isMissing: haproxy.isMissing,
    startedBefore: (ports: ReadonlyArray<number>) => Effect.map(loadBalancer(ports), ({ port }) => port)
  }
]
const available = proxies.filter(({ isMissing }) => !isMissing)

/** Signs a player in through a proxy, and watches the player's events in a page of another origin. */
const watchedThrough = Effect.fnUntraced(function* (proxy: string, site: string) {
  const { send, signIn } = playerClient((path, init) => Effect.promise(() => fetch(proxy + path, init)))
  const player = newPlayer(proxy)
  const { access_token: token } = yield* signIn(player)
  const { ticket } = yield* Effect.flatMap(jsonOf(yield* send("POST", "/live/ticket", { token })), decodeTicket)
  const page = yield* newPage()
  yield* Effect.promise(() => page.goto(site))
  yield* Effect.promise(() => page.evaluate(watch(`${proxy}/api/v1/live?topics=network,me&ticket=${ticket}`)))
  const until = (condition: string) => Effect.promise(() => page.waitForFunction(condition))
  // Nothing follows, so a proxy that collects events in a buffer never sends it.
  yield* until('live.events.some(({ topic }) => topic === "mining")')
  const at = "2026-11-30T12:00:00.000000Z"
  return {
    share: { type: "share", address: player.address, worker: "rig1", difficulty: 1, reached: 2, at },
    has: (height: number) => until(`live.events.some(({ height }) => height === ${height})`),
    live: Effect.flatMap(
      Effect.promise(() => page.evaluate("live")),
      decodeWatched
    )
  }
})

const names = available.map(({ name }) => name).join(" and ")

describe("a native EventSource", () => {
  for (const { name } of proxies.filter(({ isMissing }) => isMissing)) it.skip(`gets events behind ${name}`)

  it.live.skipIf(available.length === 0)(
    `behind ${names} with default buffering gets events at once, and each once while both replicas restart`,
    () =>
      Effect.gen(function* () {
        const site = yield* httpStub((response) => void response.writeHead(200, { "content-type": "text/html" }).end())
        const { ports, publish, restart } = yield* liveReplicas({
          TBG_CORS_ORIGINS: site.url,
          TBG_SHUTDOWN_DELAY_MS: "1000"
        })
        const pages = yield* Effect.forEach(
          available,
          Effect.fnUntraced(function* ({ startedBefore }) {
            return yield* watchedThrough(`http://127.0.0.1:${yield* startedBefore(ports)}`, site.url)
          })
        )
        yield* publish(...pages.map(({ share }) => share), networkEvent(1))
        yield* Effect.forEach(pages, ({ has }) => has(1))
        for (const index of [0, 1]) {
          yield* Effect.all([restart(index), publish(networkEvent(2 + 2 * index))], { concurrency: 2 })
          yield* publish(networkEvent(3 + 2 * index))
        }
        for (const { has, live } of pages) {
          yield* has(5)
          const { closed, events, opened } = yield* live
          const outbox = events.filter(({ type }) => type !== "summary" && type !== "bye")
          assert.deepStrictEqual(
            outbox.map(({ height, worker }) => height ?? worker),
            ["rig1", 1, 2, 3, 4, 5]
          )
          assert.strictEqual(new Set(events.map(({ id }) => id)).size, events.length)
          assert.isAtLeast(events.filter(({ type }) => type === "bye").length, 1)
          assert.isAtLeast(opened, 2)
          assert.isFalse(closed)
        }
      }).pipe(Effect.provide(Browser.layer))
  )
})
