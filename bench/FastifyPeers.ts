import { Effect } from "effect"
import { join } from "node:path"
import { pinnedServer } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"
import { measuredRound } from "./Round.ts"
import type { Load } from "./Round.ts"

const peers = join(import.meta.dirname, "peers")

export const peerTitles = {
  plugins: "Fastify with its plugins",
  byHand: "Fastify, security headers by hand",
  node: "node:http alone"
}

/** Starts Fastify with security headers from its plugin and by hand, and a bare node:http server. */
export const startedPeers = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>> = {}) {
  return {
    plugins: yield* pinnedServer([join(peers, "fastify.ts"), "helmet"], variables),
    byHand: yield* pinnedServer([join(peers, "fastify.ts")], variables),
    node: yield* pinnedServer([join(peers, "node.ts")])
  }
})

type Peers = Readonly<Record<keyof typeof peerTitles, PinnedServer>>

/** Measures one round of each peer. */
export const measuredPeers = async ({ byHand, node, plugins }: Peers, load: Load) => ({
  plugins: await measuredRound(plugins, load),
  byHand: await measuredRound(byHand, load),
  node: await measuredRound(node, load)
})
