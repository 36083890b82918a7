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
  it("builds the runtime target by default, with a numeric user and only Node.js as its entrypoint", () => {
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

  it("copies only the bundle, the launcher and the license into the runtime", () => {
    const copied = [...stage("base"), ...stage("runtime")].filter((line) => line.startsWith("COPY "))
    assert.deepStrictEqual(copied, ["COPY package.json LICENSE ./", "COPY bin bin", "COPY --from=build /app/dist dist"])
  })

  it("has exactly the files that it copies in its build context", () => {
    const copied = lines
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
      .flatMap((line) => line.split(" ").slice(1, -1))
    const allowed = linesOf(".dockerignore").filter((line) => line.startsWith("!"))
    assert.strictEqual(linesOf(".dockerignore")[0], "*")
    assert.deepStrictEqual(allowed.map((line) => line.slice(1)).toSorted(), [...new Set(copied)].toSorted())
  })

  it("is labeled with the version of the package", () => {
    assert.include(lines, `ARG IMAGE_VERSION=${packageJson.version}`)
  })
})
