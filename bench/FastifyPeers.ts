import { Effect } from "effect"
import { join } from "node:path"
import { pinnedServer } from "./PinnedServer.ts"

const peers = join(import.meta.dirname, "peers")

export const peerTitles = {
  plugins: "Fastify with its plugins",
  byHand: "Fastify, security headers by hand",
  node: "node:http alone"
}

/** Fastify, with security headers by its plugin and by hand, and node:http, which does nothing of what is measured. */
export const startedPeers = Effect.fnUntraced(function* (variables: Readonly<Record<string, string>> = {}) {
  return {
    plugins: yield* pinnedServer([join(peers, "fastify.ts"), "helmet"], variables),
    byHand: yield* pinnedServer([join(peers, "fastify.ts")], variables),
    node: yield* pinnedServer([join(peers, "node.ts")])
  }
})
