import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

/** Where the tests that need a real Postgres or Redis end: `test/**\/*.server.test.ts`. */
const servers = ["test/**/*.server.test.ts"]

export default defineConfig({
  test: {
    // The last line of a run counts what passed, failed and was skipped.
    reporters: ["default", "./test/support/SummaryReporter.ts"],
    // A process that a test starts takes its time on two busy cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests of servers wait; the default leaves a core to nobody.
    maxWorkers: "100%",
    // Halves the start of each process that a test starts. Node checks the entries against their sources.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "tbg-test-compile-cache") },
    projects: [
      {
        extends: true,
        // Modules are loaded once per worker, which halves the run. Tests leave no state behind in them.
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: servers, isolate: false }
      },
      {
        extends: true,
        test: {
          name: "server",
          include: servers,
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
