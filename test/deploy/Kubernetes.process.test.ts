import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { commandResult } from "../support/CommandResult.ts"
import { overlay } from "../support/Kubernetes.ts"
import { repository } from "../support/Yaml.ts"

describe("the Kubernetes manifests", () => {
  it.live("are accepted by kustomize", (context) =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* commandResult("kubectl", ["kustomize", join(repository, overlay)])
      context.skip(code === 127, "kubectl: not on the PATH")
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "image: ghcr.io/example/tbg-api:")
    })
  )
})
