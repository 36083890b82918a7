import { spawn } from "node:child_process"
import { chownSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import type { Scope } from "effect"
import type { Account } from "../CommandResult.ts"

/** Target that a guard stops last: a process by signal, a container by name, or nothing. */
export type Watched =
  | { readonly _tag: "Process"; readonly pid: number; readonly signal: "QUIT" | "KILL" }
  | { readonly _tag: "Container"; readonly name: string }
  | { readonly _tag: "Nothing" }

/**
 * A temporary folder, and a shell that stops what runs in it and removes it once its standard input closes. The kernel
 * closes that at the end of the scope, and also if the tests are killed.
 */
export interface Guard {
  readonly folder: string
  readonly watch: (watched: Watched) => void
  /** Stops watching a process that exited. A successor that is watched already stays watched. */
  readonly exited: (pid: number | undefined) => void
  /** Stops what is watched and removes the folder; does nothing the second time. */
  readonly end: Effect.Effect<void>
}

/**
 * Postgres waits five seconds before it kills its children, so the last resort comes after ten. A child of a killed
 * initdb may write a file while its folder is removed, hence the second attempt.
 */
const script = `
how=nothing
while read -r a b; do how=$a what=$b; done
case $how in
  nothing) ;;
  container) docker rm -f "$what" ;;
  *)
    kill -CONT "$what"; kill -"$how" "$what"; tries=0
    while kill -0 "$what" && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
    kill -KILL "$what" ;;
esac
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`

const lineOf = (watched: Watched) => {
  switch (watched._tag) {
    case "Process":
      return `${watched.signal} ${watched.pid}\n`
    case "Container":
      return `container ${watched.name}\n`
    case "Nothing":
      return "nothing\n"
  }
}

const startedGuard = (account: Account): Guard => {
  const folder = mkdtempSync(join(tmpdir(), "tbg-test-"))
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid)
  // A separate session, so that Ctrl-C does not end the guard before its cleanup.
  const shell = spawn("sh", ["-c", script, "guard", folder], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
  shell.stdin.on("error", () => {})
  let current: Watched = { _tag: "Nothing" }
  const watch = (watched: Watched) => {
    current = watched
    shell.stdin.write(lineOf(watched))
  }
  return {
    folder,
    watch,
    exited: (pid) => {
      if (current._tag === "Process" && current.pid === pid) watch({ _tag: "Nothing" })
    },
    end: Effect.callback((resume) => {
      if (shell.exitCode !== null) return resume(Effect.void)
      shell.once("exit", () => resume(Effect.void))
      shell.stdin.end()
    })
  }
}

/** @see Guard */
export const guard = (account: Account): Effect.Effect<Guard, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => startedGuard(account)),
    ({ end }) => end
  )
