import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempDisposableSync, readFileSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")

const git = (...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim()

/** Returns the latest tag before this commit, otherwise the previous commit. */
export const previousRelease = (): string => {
  const tags = git("tag", "--merged", "HEAD~1", "--sort=-version:refname").split("\n")
  return tags[0] === undefined || tags[0] === "" ? git("rev-parse", "HEAD~1") : tags[0]
}

const lockOf = (folder: string): string => readFileSync(join(folder, "package-lock.json"), "utf8")

/**
 * Builds the bundle of a commit or tag in a temporary worktree, and returns its path. Packages are installed only if the
 * lockfile differs.
 */
export const bundleOf = (revision: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const folder = mkdtempDisposableSync(join(tmpdir(), "tbg-gate-"))
        git("worktree", "add", "--detach", "--force", folder.path, revision)
        return folder
      }),
      (folder) =>
        Effect.sync(() => {
          git("worktree", "remove", "--force", folder.path)
          folder.remove()
        })
    ),
    ({ path }) => {
      const npm = (...args: ReadonlyArray<string>) =>
        execFileSync("npm", args, { cwd: path, stdio: ["ignore", "ignore", "inherit"] })
      if (lockOf(path) === lockOf(root)) symlinkSync(join(root, "node_modules"), join(path, "node_modules"))
      else npm("ci", "--include=dev")
      npm("run", "--silent", "build")
      return join(path, "dist", "main.js")
    }
  )
