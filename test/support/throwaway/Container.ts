import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { commandResult } from "../CommandResult.ts"
import type { Guard } from "./Guard.ts"
import { startedServer } from "./ServerProcess.ts"

const verbs: Partial<Record<NodeJS.Signals, ReadonlyArray<string>>> = { SIGSTOP: ["pause"], SIGCONT: ["unpause"] }

/**
 * A server in a container, for machines with only Docker: its name, its main process on the host, and its signals.
 * Docker freezes it, because a container's first process ignores SIGSTOP.
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
    pid: Number(inspected.stdout),
    signal: (signal: NodeJS.Signals) =>
      Effect.asVoid(commandResult("docker", [...(verbs[signal] ?? ["kill", "--signal", signal]), name]))
  }
})
