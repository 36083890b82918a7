import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { repository } from "../support/Yaml.ts"

const linesOf = (path: string) => readFileSync(join(repository, path), "utf8").split("\n")
const lines = linesOf("Dockerfile")
const stage = (name: string) => {
  const from = lines.findIndex((line) => line.endsWith(` AS ${name}`))
  const to = lines.findIndex((line, at) => at > from && line.startsWith("FROM "))
  return lines.slice(from, to === -1 ? undefined : to)
}

describe("Dockerfile", () => {
  it("makes the runtime by default: a user by number, and Node.js with the program as its only argument", () => {
    assert.strictEqual(
      lines.findLast((line) => line.startsWith("FROM ")),
      "FROM base AS runtime"
    )
    assert.include(stage("runtime"), "USER 1000:1000")
    assert.include(stage("runtime"), 'ENTRYPOINT ["node", "dist/main.js"]')
    assert.include(stage("dev"), "USER 1000:1000")
  })

  it("defaults to production", () => {
    assert.include(stage("runtime"), "ENV NODE_ENV=production TBG_ENVIRONMENT=production")
    assert.notInclude(stage("dev").join(), "TBG_ENVIRONMENT")
  })

  it("takes into the runtime nothing but the bundle, the launcher and the licence", () => {
    const copied = [...stage("base"), ...stage("runtime")].filter((line) => line.startsWith("COPY "))
    assert.deepStrictEqual(copied, ["COPY package.json LICENSE ./", "COPY bin bin", "COPY --from=build /app/dist dist"])
  })

  it("is given all that it copies, and nothing else", () => {
    const copied = lines
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
      .flatMap((line) => line.split(" ").slice(1, -1))
    const allowed = linesOf(".dockerignore").filter((line) => line.startsWith("!"))
    assert.strictEqual(linesOf(".dockerignore")[0], "*")
    assert.deepStrictEqual(allowed.map((line) => line.slice(1)).toSorted(), [...new Set(copied)].toSorted())
  })

  it("is labelled with the version of the package", () => {
    assert.include(lines, `ARG IMAGE_VERSION=${packageJson.version}`)
  })
})
