import { Effect } from "effect"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { extname } from "node:path"
import { makeContent } from "./Content.ts"
import type { Content } from "./Content.ts"
import { assetFile, assetNames } from "./AssetFiles.ts"

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".txt": "text/plain; charset=utf-8"
}

/** Image that ReDoc fetches from its vendor. ReDoc hides an image that does not load. */
const remoteLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg"

const read = async (name: string) => {
  const text = await readFile(assetFile(name), "utf8")
  return { name, body: Buffer.from(text.replaceAll(remoteLogo, "data:,")) }
}

export interface Assets {
  /** Digest of all assets, so that caches may keep URLs with it forever. */
  readonly version: string
  readonly contents: ReadonlyMap<string, Content>
}

/** Reads all assets into memory, about 3 MB; run on the first request for one. */
export const readAssets: Effect.Effect<Assets> = Effect.gen(function* () {
  const files = yield* Effect.promise(() => Promise.all(assetNames.map(read)))
  const digest = createHash("sha256")
  for (const { body, name } of files) digest.update(name).update(body)
  const contents = yield* Effect.forEach(files, ({ body, name }) =>
    Effect.map(
      makeContent({ body, contentType: contentTypes[extname(name)] ?? "application/octet-stream" }),
      (content) => [name, content] as const
    )
  )
  return { version: digest.digest("base64url").slice(0, 16), contents: new Map(contents) }
})
