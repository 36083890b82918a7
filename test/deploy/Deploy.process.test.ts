import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, beforeEach, describe, it } from "@effect/vitest"
import { Config, Effect } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { composeIn } from "../support/ComposeFile.ts"
import { guard } from "../support/throwaway/Guard.ts"

const root = dirname(dirname(import.meta.dirname))
const script = join(root, "deploy", "deploy.sh")
const fake = join(root, "test", "support", "fakeDocker.sh")

const oldImage = `sha256:${"0".repeat(64)}`
const newImage = `registry.example/tbg-api@sha256:${"1".repeat(64)}`

/** Files that control the fake docker; `image-SERVICE` is the running image. */
type Files = Readonly<Record<string, string>>

/** Services that run the image, in the order of the file. */
const services = Object.entries(composeIn("deploy/compose.production.yaml")).flatMap(([name, { image }]) =>
  image?.includes("TBG_IMAGE") === true ? [name] : []
)
const allOld: Files = Object.fromEntries(services.map((service) => [`image-${service}`, oldImage]))

/** Runs the script with a fake docker, and returns its docker calls with OLD and NEW for the two images. */
const deployed = Effect.fnUntraced(function* (files: Files, args: ReadonlyArray<string> = [newImage]) {
  const { folder } = yield* guard({})
  symlinkSync(fake, join(folder, "docker"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const result = yield* commandResult("bash", [script, ...args], {
    env: {
      PATH: `${folder}:${yield* Config.String("PATH")}`,
      FAKE: folder,
      TMPDIR: folder,
      // Failing replicas fail for this long; slow ones have enough time on a busy machine.
      DEPLOY_READY_SECONDS: files["slow"] === undefined ? "1" : "30",
      DEPLOY_SETTLE_SECONDS: "0",
      DEPLOY_POLL_SECONDS: "0.05"
    }
  })
  const calls = existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8") : ""
  return {
    ...result,
    calls: calls.replaceAll(oldImage, "OLD").replaceAll(newImage, "NEW").trimEnd().split("\n").filter(Boolean)
  }
})

/** The number of /ready requests varies. */
const withoutRepeats = (calls: ReadonlyArray<string>) => calls.filter((call, index) => call !== calls[index - 1])

const hasBash = (await Effect.runPromise(commandResult("bash", ["--version"]))).code === 0

describe("deploy.sh", () => {
  beforeEach((context) => context.skip(!hasBash, "bash: not on the PATH"))

  it.live(
    "pulls, migrates, and restarts the replicas and the projection one by one, each after the previous one is ready",
    () =>
      Effect.gen(function* () {
        const { calls, code, stdout } = yield* deployed({ ...allOld, slow: "2" })
        assert.strictEqual(code, 0)
        const turn = (service: string) => [`NEW up ${service}`, ...Array(3).fill(`NEW ready? ${service}`)]
        assert.deepStrictEqual(calls, ["- pull", "NEW migrate", ...services.flatMap(turn)])
        assert.include(stdout, `every service runs ${newImage}`)
      })
  )

  it.live("does not pull an image that is present", () =>
    Effect.gen(function* () {
      const { calls, code } = yield* deployed({ ...allOld, local: oldImage }, [oldImage])
      assert.strictEqual(code, 0)
      assert.strictEqual(calls[0], "OLD migrate")
    })
  )

  it.live("restarts no replica if the migration fails", () =>
    Effect.gen(function* () {
      const { calls, code, stderr } = yield* deployed({ ...allOld, migrate: "3" })
      assert.strictEqual(code, 3)
      assert.deepStrictEqual(calls, ["- pull", "NEW migrate"])
      assert.include(stderr, "the migration failed")
    })
  )

  it.live("restores the first replica's image if it does not become ready, and leaves the others", () =>
    Effect.gen(function* () {
      const { calls, code, stderr, stdout } = yield* deployed({ ...allOld, bad: newImage })
      assert.strictEqual(code, 1)
      const back = ["NEW up api", "NEW ready? api", "OLD up api", "OLD ready? api"]
      assert.deepStrictEqual(withoutRepeats(calls), ["- pull", "NEW migrate", ...back])
      assert.include(stdout, "the last lines of api")
      assert.include(stderr, "was rolled back")
    })
  )

  it.live("restores the earlier replicas too, in reverse order, each to its own image", () =>
    Effect.gen(function* () {
      const other = `sha256:${"2".repeat(64)}`

      const { calls, code } = yield* deployed({ ...allOld, "image-api": other, "bad-api-3": newImage })
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(
        withoutRepeats(calls).filter((call) => call.includes(" up ")),
        ["NEW up api", "NEW up api-2", "NEW up api-3", "OLD up api-3", "OLD up api-2", `${other} up api`]
      )
    })
  )

  it.live("restores the replicas if the projection does not become ready", () =>
    Effect.gen(function* () {
      const { calls, code } = yield* deployed({ ...allOld, "bad-mining": newImage })
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(
        withoutRepeats(calls).filter((call) => call.startsWith("OLD up")),
        services.toReversed().map((service) => `OLD up ${service}`)
      )
    })
  )

  it.live("stops a replica that had no image before", () =>
    Effect.gen(function* () {
      const { calls, code } = yield* deployed({ bad: newImage })
      assert.strictEqual(code, 1)
      assert.strictEqual(calls.at(-1), "NEW rm api")
    })
  )

  it.live("asks for manual action if the old image does not become ready either", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* deployed({ ...allOld, bad: `${newImage}\n${oldImage}` })
      assert.strictEqual(code, 2)
      assert.include(stdout, "api: NOT READY with the old image either")
      assert.include(stderr, "the rollback failed")
    })
  )

  it.live.each([
    ["no image", [], 64, "usage:"],
    ["a tag", ["tbg-api:latest"], 64, "is not an image by digest"],
    ["an image that no registry has", [newImage], 69, "no such image"]
  ] as const)("changes nothing given %s", ([, args, wanted, message]) =>
    Effect.gen(function* () {
      const { calls, code, stderr } = yield* deployed({ ...allOld, away: newImage }, args)
      assert.strictEqual(code, wanted)
      assert.include(stderr, message)
      assert.deepStrictEqual(
        calls.filter((call) => call !== "- pull"),
        []
      )
    })
  )
})
