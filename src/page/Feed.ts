import { minerUrl } from "./Api.ts"
import { announce, h, part, replace } from "./Dom.ts"
import { count, difficulty, shortAddress } from "./Format.ts"
import { ago } from "./Time.ts"
import type { Block, Boards, LiveEvent, Pool } from "./Wire.ts"

type Kind = "best" | "block" | "network" | "worker"

interface Item {
  readonly key: string
  readonly kind: Kind
  readonly at: string
  readonly content: ReadonlyArray<Node | string>
}

const shown = 7

const playerOf = (address: string | null, name: string | null = null): Node | string =>
  address === null
    ? "a hidden miner"
    : h(
        "a",
        { href: minerUrl(address), class: name === null ? "address" : undefined, title: address },
        name ?? shortAddress(address)
      )

const strong = (text: string): HTMLElement => h("strong", {}, text)

/** Text of an event; on the page of a miner without its address. */
const itemOf = (event: LiveEvent, isMinerPage: boolean): Item | undefined => {
  const { at } = event
  switch (event.type) {
    case "share":
      return undefined
    case "best":
      return {
        key: `best ${at}`,
        kind: "best",
        at,
        content: [
          isMinerPage ? event.worker : playerOf(event.address),
          " reached ",
          strong(difficulty(event.difficulty)),
          event.previous === null ? "" : `, best before ${difficulty(event.previous)}`
        ]
      }
    case "block":
      return blockItem(event.height, event.address, at)
    case "network":
      return {
        key: `network ${event.height}`,
        kind: "network",
        at,
        content: [`The network is at block ${count(event.height)}`]
      }
    case "worker": {
      const state = { seen: " is new", connected: " connected", disconnected: " disconnected" }[event.state]
      return { key: `worker ${event.worker} ${at}`, kind: "worker", at, content: [strong(event.worker), state] }
    }
  }
}

const blockItem = (height: number, address: string | null, at: string): Item => ({
  key: `block ${height}`,
  kind: "block",
  at,
  content: [strong(`Block ${count(height)}`), " found by ", playerOf(address)]
})

const elementOf = ({ at, content, kind }: Item): HTMLElement =>
  h("li", { "data-kind": kind }, h("span", { class: "feed-text" }, ...content), ago(at))

export const makeFeed = (isMinerPage: boolean) => {
  const list = part("feed")
  let items: ReadonlyArray<Item> = []

  const add = (more: ReadonlyArray<Item>) => {
    const keys = new Set(items.map(({ key }) => key))
    const fresh = [...new Map(more.map((item) => [item.key, item])).values()].filter(({ key }) => !keys.has(key))
    if (fresh.length === 0) return
    items = [...items, ...fresh].toSorted((one, other) => (one.at < other.at ? 1 : -1)).slice(0, shown)
    replace(list, ...items.map(elementOf))
  }

  return {
    onEvent: (event: LiveEvent) => {
      const item = itemOf(event, isMinerPage)
      if (item !== undefined) add([item])
      if (event.type === "block") announce(`Block ${event.height} found.`)
    },
    /** Events before the page was opened, as far as other states show them. */
    addBlocks: (blocks: ReadonlyArray<Block>) =>
      add(blocks.map(({ address, found_at, height }) => blockItem(height, address, found_at))),
    addNetwork: (network: Pool["network"]) =>
      add(
        network === null
          ? []
          : [
              {
                key: `network ${network.height}`,
                kind: "network",
                at: network.at,
                content: [`The network is at block ${count(network.height)}`]
              }
            ]
      ),
    addBoards: ({ difficulty: board }: Boards) =>
      add(
        (board?.entries ?? []).map(({ address, at, name, value }) => ({
          key: `best ${at}`,
          kind: "best",
          at,
          content: [playerOf(address, name), " reached ", strong(difficulty(value)), ", its best this week"]
        }))
      ),
    addBests: (bests: ReadonlyArray<readonly [string, Pool["best"]["day"]]>) =>
      add(
        bests.flatMap(([label, best]) =>
          best === null
            ? []
            : [
                {
                  key: `best ${best.at}`,
                  kind: "best",
                  at: best.at,
                  content: [
                    ...(best.worker === null ? [] : [best.worker, " reached "]),
                    strong(difficulty(best.difficulty)),
                    `, best ${label}`
                  ]
                } as const
              ]
        )
      )
  }
}
