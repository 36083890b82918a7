import { OpenApi } from "effect/http-api"
import { Api } from "./api/Api.ts"
import { V1Api } from "./api/V1.ts"

export type Surface = "all" | "v1"

export interface DocumentOptions {
  /** The document's title, `TBG_PROJECT_NAME`. */
  readonly title: string
  readonly version: string
}

const description =
  "The backend of The Bitcoin Game, which turns Bitcoin mining into a game: what the mining engine and the event " +
  "collector record, and the posts of a team."

/** The OpenAPI 3.1 document of a surface, as callers get it and as `tbg openapi` prints it. */
export const openApiDocument = (surface: Surface, { title, version }: DocumentOptions): OpenApi.OpenAPISpec => {
  const document = surface === "all" ? OpenApi.fromApi(Api) : OpenApi.fromApi(V1Api)
  return { ...document, info: { ...document.info, title, version, description } }
}
