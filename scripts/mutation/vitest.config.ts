import { defineConfig } from "vitest/config"

/** The tests of the area at hand; `scripts/mutation.ts` says which. */
export default defineConfig({
  test: {
    // The end of a caller whom a change leaves without an answer, which costs less than the end of a worker; and long
    // enough for the slowest test beside a change that takes a whole core.
    testTimeout: 10_000,
    setupFiles: ["scripts/mutation/setup.ts"],
    include: (process.env["TBG_MUTATION_TESTS"] ?? "").split(";"),
    exclude: ["test/**/*.server.test.ts"]
  }
})
