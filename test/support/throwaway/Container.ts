import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { commandResult } from "../CommandResult.ts"
import type { Guard } from "./Guard.ts"
import { startedServer } from "./ServerProcess.ts"

const verbs: Partial<Record<NodeJS.Signals, ReadonlyArray<string>>> = { SIGSTOP: ["pause"], SIGCONT: ["unpause"] }

/**
 * A server in a container, for machines that have Docker alone: its name, its main process as the host sees it, and
 * how to signal it. A container is frozen by Docker, as it shields its first process from SIGSTOP.
 */
export const startedContainer = Effect.fnUntraced(function* (options: {
  readonly guard: Guard
  readonly image: string
  readonly publish: string
  readonly settings: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
  readonly ready: string
  readonly times?: number
}) {
  const { args, image, publish, settings, ...rest } = options
  const name = `tbg-test-${randomUUID()}`
  yield* startedServer({
    ...rest,
    account: {},
    command: "docker",
    args: ["run", "--rm", "--name", name, "--publish", publish, ...settings, image, ...args],
    watched: () => ({ _tag: "Container", name })
  })
  const inspected = yield* commandResult("docker", ["inspect", "--format", "{{.State.Pid}}", name])
  return {
    name,
    pid: Number(inspected.stdout),
    signal: (signal: NodeJS.Signals) =>
      Effect.asVoid(commandResult("docker", [...(verbs[signal] ?? ["kill", "--signal", signal]), name]))
  }
})
