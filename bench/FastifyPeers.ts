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

/** Fastify with security headers by its plugin or by hand, and node:http, which does none of the measured work. */
export const startedPeers = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>> = {}) {
  return {
    plugins: yield* pinnedServer([join(peers, "fastify.ts"), "helmet"], variables),
    byHand: yield* pinnedServer([join(peers, "fastify.ts")], variables),
    node: yield* pinnedServer([join(peers, "node.ts")])
  }
})

type Peers = Readonly<Record<keyof typeof peerTitles, PinnedServer>>

/** One round of each, in sequence. */
export const measuredPeers = async ({ byHand, node, plugins }: Peers, load: Load) => ({
  plugins: await measuredRound(plugins, load),
  byHand: await measuredRound(byHand, load),
  node: await measuredRound(node, load)
})
