import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { Migrations } from "../../layers/Migrations.ts"
import type { MigrationStatus } from "../../layers/migrations/Status.ts"
import { json } from "../CommandParts.ts"
import { requireDatabase, onDatabase } from "./OnDatabase.ts"

const lineOf = ({ appliedAt, changed, mode, name, unknown, version }: MigrationStatus): string =>
  [
    `${name}: ${appliedAt === null ? "pending" : `${mode ?? "applied"} ${appliedAt}`}`,
    ...(version === null ? [] : [`by version ${version}`]),
    ...(unknown ? ["by a newer version"] : []),
    ...(changed ? ["changed since"] : [])
  ].join(", ")

export const Status = Command.make("status", { json }, (flags) =>
  Effect.gen(function* () {
    const { status, verify } = yield* Migrations
    const migrations = yield* requireDatabase(status)
    yield* Console.log(flags.json ? JSON.stringify(migrations) : migrations.map(lineOf).join("\n"))
    yield* requireDatabase(verify)
  }).pipe(onDatabase)
).pipe(Command.withDescription("List the migrations, and when each was applied"))
