import { Effect, References, Schema } from "effect"
import { Flag } from "effect/cli"
import * as Runtime from "effect/Runtime"
import type { DependencyDown } from "../domain/Dependency.ts"
import { sentenceOf } from "../layers/Advice.ts"
import type { Advice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"

/** What commands that ask a dependency and report have in common. */

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false))

/** What a command needs is out of reach. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** The command was given wrongly, or was not agreed to. */
export class Misused extends Schema.TaggedError<Misused>()("Misused", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 64
}

export const answeredBy =
  (adviceOn: (down: DependencyDown) => Advice) =>
  <A, R>(asked: Effect.Effect<A, DependencyDown, R>): Effect.Effect<A, Unavailable, R> =>
    Effect.mapError(asked, (down) => new Unavailable({ message: sentenceOf(adviceOn(down)) }))

/** With the configuration, and without the log lines of a service. */
export const quietly = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  command.pipe(Effect.provide(AppConfig.layer), Effect.provideService(References.MinimumLogLevel, "None"))
