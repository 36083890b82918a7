import { Effect, Metric } from "effect"
import type { Labels } from "../../metrics/Counter.ts"
import { boundaries, byOutcome } from "../../metrics/Outcome.ts"

const durationOf = (attributes: Labels) =>
  Metric.histogram("tbg_redis_command_duration_seconds", {
    description: "Duration of Redis commands, by command and outcome",
    boundaries,
    attributes
  })

type Command = "ping" | "time" | "del" | "evalsha" | "eval"

export type Timed = <A>(command: Command, send: () => Promise<A>) => Promise<A>

export const untimed: Timed = (_command, send) => send()

export const makeTimed = Effect.map(Effect.context(), (context): Timed => {
  const bind = (command: Command) => byOutcome(durationOf, context, { command })
  const record = {
    ping: bind("ping"),
    time: bind("time"),
    del: bind("del"),
    evalsha: bind("evalsha"),
    eval: bind("eval")
  }
  return async (command, send) => {
    const startedAt = performance.now()
    try {
      const reply = await send()
      record[command].ok(performance.now() - startedAt)
      return reply
    } catch (error) {
      record[command].error(performance.now() - startedAt)
      throw error
    }
  }
})
