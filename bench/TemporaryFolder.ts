import { Effect } from "effect"
import { mkdtempDisposableSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The path of a folder that goes with the scope. */
export const temporaryFolder = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempDisposableSync(join(tmpdir(), "tbg-bench-"))),
    (folder) => Effect.sync(() => folder.remove())
  ),
  ({ path }) => path
)
