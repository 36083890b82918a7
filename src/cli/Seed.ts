import { Console, Effect, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { integerTextBetween } from "../domain/Text.ts"
import { demoTeam, renewedKey } from "./demo/DemoTeam.ts"
import { insertPosts } from "./demo/InsertPosts.ts"
import { withProgress } from "./Progress.ts"
import { given, onTeams } from "./teams/OnTeams.ts"

const most = 10_000_000

const posts = Flag.String("posts").pipe(
  Flag.withDescription("How many posts are added; 1000 by default"),
  Flag.withDefault("1000")
)

const countOf = given(integerTextBetween(0, most), `a whole number from 0 to ${most}`)

export const Seed = Command.make("seed", { posts }, (flags) =>
  Effect.gen(function* () {
    const count = yield* countOf(`--posts ${JSON.stringify(flags.posts)}`, flags.posts)
    const team = yield* demoTeam
    const token = yield* renewedKey(team, "tbg seed")
    yield* Console.log(Redacted.value(token))
    yield* Effect.orDie(withProgress(count, "posts", (advance) => insertPosts(team.id, count, advance)))
    yield* Console.error(
      `team ${team.name} has ${count} posts more, and the key on standard output, which replaces the one of the last seed`
    )
  }).pipe(onTeams)
).pipe(Command.withDescription("Fill the team demo with posts, and print a key of it"))
