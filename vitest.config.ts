import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

/** Tests that need a real Postgres or Redis. */
const servers = ["test/**/*.server.test.ts"]
/** Tests that start other programs, such as the command line, npm or a script. */
const processes = ["test/**/*.process.test.ts"]

export default defineConfig({
  test: {
    // The last line of a run counts what passed, failed and was skipped.
    reporters: ["default", "./test/support/SummaryReporter.ts"],
    // Starting a process takes seconds on two busy cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The default leaves one core unused.
    maxWorkers: "100%",
    // Modules are loaded once per worker, which halves the run. Tests leave no state behind in them.
    isolate: false,
    // Halves the startup time of processes. Node.js compares the entries with their sources.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "tbg-test-compile-cache") },
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [...servers, ...processes] }
      },
      {
        extends: true,
        test: { name: "process", include: processes }
      },
      {
        extends: true,
        test: {
          name: "server",
          include: servers,
          // Takes SOAK_MINUTES; the fault tests cover each fault by itself.
          exclude: process.env["SOAK_MINUTES"] === undefined ? ["test/soak/**"] : [],
          globalSetup: ["test/support/globalSetup.ts"]
        }
      }
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "lcov"],
      thresholds: {
        lines: 90,
        "src/layers/AppConfig.ts": { lines: 100 },
        "src/layers/config/**": { lines: 100 },
        "src/services/{About,DatabaseHealth,Readiness,SharedCheck}.ts": { lines: 100 },
        "src/http/middleware/**": { lines: 95 }
      }
    }
  }
})
