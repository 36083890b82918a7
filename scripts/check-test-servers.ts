import { Effect } from "effect"
import { checkServers } from "../test/support/throwaway/Programs.ts"

// Runs before vitest, which would print its own report around this message.
const report = ({ message }: Error) =>
  Effect.sync(() => {
    process.stderr.write(`${message}\n`)
    process.exitCode = 69
  })

await checkServers.pipe(Effect.catch(report), Effect.runPromise)
