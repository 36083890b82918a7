import { Effect } from "effect"
import { mkdtempDisposableSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Path of a folder that is removed when the scope closes. */
export const temporaryFolder = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempDisposableSync(join(tmpdir(), "tbg-bench-"))),
    (folder) => Effect.sync(() => folder.remove())
  ),
  ({ path }) => path
)
