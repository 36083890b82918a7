import { defineConfig } from "vitest/config"

/** Tests of one area, chosen by `scripts/mutation.ts`. */
export default defineConfig({
  test: {
    // Ends a test whose change never responds, before Stryker would restart the worker. Long enough for the slowest test
    // while another change uses a whole core.
    testTimeout: 10_000,
    setupFiles: ["scripts/mutation/setup.ts"],
    include: (process.env["TBG_MUTATION_TESTS"] ?? "").split(";"),
    exclude: ["test/**/*.server.test.ts", "test/**/*.process.test.ts"]
  }
})
