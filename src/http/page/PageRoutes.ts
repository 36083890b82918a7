import { Effect, Layer } from "effect"
import { AppConfig } from "../../layers/AppConfig.ts"
import { makeAssets, serveAssets } from "../docs/Assets.ts"
import { makeContent, serveContent } from "../docs/Content.ts"
import type { RouteMethod } from "../middleware/Allow.ts"
import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { minerView } from "./MinerView.ts"
import { readPageFiles } from "./PageFiles.ts"
import { poolView } from "./PoolView.ts"
import { shell } from "./Shell.ts"

const assetPath = "/page/assets/:version/:name"

const pages = [
  { path: "/", title: "The Bitcoin Game", view: poolView, root: "" },
  { path: "/miners/:address", title: "Miner · The Bitcoin Game", view: minerView, root: "../" }
] as const

/** Routes of the page, for `Allow`. */
export const pageRoutes: ReadonlyArray<RouteMethod> = [...pages, { path: assetPath }].map(({ path }) => ({
  method: "GET",
  path
}))

/** Nothing inline and no other host. Styles that scripts set through the CSSOM need no permission. */
const policy = pagePolicy({
  "script-src": "'self'",
  "style-src": "'self'",
  "font-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'self'"
})

/** The page of the game at `/` and `/miners/{address}` (contract-game section 7). The browser loads the data. */
export const PageRoutes = Layer.unwrap(
  Effect.gen(function* () {
    const { docs } = yield* AppConfig
    const assets = yield* Effect.cached(Effect.flatMap(Effect.promise(readPageFiles), makeAssets))
    const contentOf = ({ root, title, view }: (typeof pages)[number]) =>
      Effect.flatMap(assets, ({ version }) => {
        const html = shell({ title, root, view, assets: `${root}page/assets/${version}/`, hasDocs: docs.enabled })
        return makeContent({ contentType: "text/html; charset=utf-8", body: html })
      })
    return Layer.merge(
      serveContent(
        pages.map((page) => ({
          path: page.path,
          content: contentOf(page),
          headers: { "content-security-policy": policy }
        }))
      ),
      serveAssets(assetPath, assets)
    )
  })
)
