import { Effect, References, Schema } from "effect"
import { Flag, Param } from "effect/cli"
import * as Runtime from "effect/Runtime"
import type { DependencyDown } from "../domain/Dependency.ts"
import { sentenceOf } from "../layers/Advice.ts"
import type { Advice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"

export const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false))

/** A dependency of the command is unavailable. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 69
}

/** The command line is invalid, or the user declined. */
export class Misused extends Schema.TaggedError<Misused>()("Misused", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 64
}

/** Decodes a flag or an argument. `expected` describes the valid values. */
export const decoded = <A>(schema: Schema.Codec<A, string>, expected: string) =>
  Param.filterMap(Schema.decodeOption(schema), () => expected)

export const answeredBy =
  (adviceOn: (down: DependencyDown) => Advice) =>
  <A, R>(asked: Effect.Effect<A, DependencyDown, R>): Effect.Effect<A, Unavailable, R> =>
    Effect.mapError(asked, (down) => new Unavailable({ message: sentenceOf(adviceOn(down)) }))

/** Provides the configuration and silences the log. */
export const quietly = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  command.pipe(Effect.provide(AppConfig.layer), Effect.provideService(References.MinimumLogLevel, "None"))
