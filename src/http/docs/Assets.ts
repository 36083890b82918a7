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

/** The picture that ReDoc fetches from its makers; it hides what cannot be shown. */
const remoteLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg"

const read = async (name: string) => {
  const text = await readFile(assetFile(name), "utf8")
  return { name, body: Buffer.from(text.replaceAll(remoteLogo, "data:,")) }
}

export interface Assets {
  /** Changes with any byte of any of them, so that what is under it can be kept for ever. */
  readonly version: string
  readonly contents: ReadonlyMap<string, Content>
}

/** Everything that the pages load, in memory: some 3 MB, so it is for the first request that wants it. */
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
