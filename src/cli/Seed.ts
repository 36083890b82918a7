import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { integerTextBetween } from "../domain/Text.ts"
import { demoTeam, replaceKey } from "./demo/DemoTeam.ts"
import { insertPosts } from "./demo/DemoPosts.ts"
import { decodeWith, quietly, refuseDeployed } from "./CommandParts.ts"
import { onTeams } from "./OnDatabase.ts"
import { printKey } from "./Output.ts"
import { withProgress } from "./Progress.ts"

const maxPosts = 10_000_000

const posts = Flag.String("posts").pipe(
  decodeWith(integerTextBetween(0, maxPosts), `a whole number from 0 to ${maxPosts}`),
  Flag.withDescription("Number of posts to add; 1000 by default"),
  Flag.withDefault(1000)
)

const refuseInDeployment = quietly(
  refuseDeployed("tbg seed", "it creates demo data; use tbg teams create and tbg keys create")
)

export const Seed = Command.make("seed", { posts }, (flags) =>
  Effect.gen(function* () {
    const team = yield* demoTeam
    const { key, token } = yield* replaceKey(team, "tbg seed")
    yield* printKey(key.id, token)
    yield* Effect.orDie(withProgress(flags.posts, "posts", (advance) => insertPosts(team.id, flags.posts, advance)))
    yield* Console.error(
      `added ${flags.posts} posts to team ${team.name}; its new key is on stdout (the previous seed key was revoked)`
    )
  }).pipe(onTeams, (seed) => Effect.andThen(refuseInDeployment, seed))
).pipe(
  Command.withDescription(
    "Add sample posts to team demo and print an API key for it; refused in staging and production"
  )
)
