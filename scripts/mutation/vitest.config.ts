import { defineConfig } from "vitest/config"

/** The tests of the area at hand; `scripts/mutation.ts` says which. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: (process.env["TBG_MUTATION_TESTS"] ?? "").split(";"),
    exclude: ["test/**/*.server.test.ts"]
  }
})
