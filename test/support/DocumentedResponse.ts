import { Ajv2020 } from "ajv/dist/2020.js"
import type { OpenApi } from "effect/http-api"

const escaped = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1")

/** Documented responses of an OpenAPI document, by route template (`/a/:b`), method and status. */
export const makeDocumented = (document: OpenApi.OpenAPISpec) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addFormat("uuid", /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i)
  ajv.addSchema(document, "openapi")
  const operations: Record<string, Record<string, { readonly responses: object }>> = Object(document.paths)

  const operationOf = (route: string, method: string) => {
    const path = route.replaceAll(/:(\w+)/g, "{$1}")
    const name = method === "HEAD" ? "get" : method.toLowerCase()
    return { path, name, operation: operations[path]?.[name] }
  }

  return {
    isDocumented: (route: string, method: string, status: number): boolean => {
      const { operation } = operationOf(route, method)
      return operation !== undefined && String(status) in operation.responses
    },

    /** Differences between a JSON body and its documentation. */
    misfitsOf: (route: string, method: string, status: number, body: unknown): ReadonlyArray<string> => {
      const { name, path } = operationOf(route, method)
      const pointer = ["paths", path, name, "responses", String(status), "content", "application/json", "schema"]
      const validate = ajv.getSchema(`openapi#/${pointer.map(escaped).map(encodeURIComponent).join("/")}`)
      if (validate === undefined) return ["no schema"]
      void validate(body)
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    }
  }
}
