import { Console, Effect, FileSystem, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { differenceTable } from "../baseline/DifferenceTable.ts"
import { describeProof } from "../baseline/Proof.ts"
import type { Proof } from "../baseline/Proof.ts"
import { ownSchema } from "../baseline/SearchPath.ts"
import { Migrations } from "../layers/Migrations.ts"
import { migrationName, parseFiles } from "../layers/migrations/History.ts"
import type { Target } from "../layers/migrations/History.ts"
import type { RanMigration } from "../layers/migrations/Run.ts"
import type { MigrationStatus } from "../layers/migrations/Status.ts"
import { isolationFacts, isolationWarnings } from "../services/TenantIsolation.ts"
import { commandGroup, confirm, driftExitCode, ExitWith, json, UsageError, yes } from "./CommandParts.ts"
import { onDatabase } from "./OnDatabase.ts"

const printProof = (proof: Proof) => Console.log(describeProof(proof).join("\n"))

/** Warnings that `tbg serve` logs at startup. */
const printWarnings = Effect.flatMap(isolationFacts, (facts) =>
  Effect.forEach(isolationWarnings(facts), (line) => Console.error(`warning: ${line}`), { discard: true })
).pipe(Effect.ignore)

const Up = Command.make("up", {}, () =>
  Effect.gen(function* () {
    const { newest, up } = yield* Migrations
    const { proof, steps, warnings } = yield* up
    yield* Effect.forEach(steps, ({ mode, name }) => Console.log(`${name}: ${mode}`), { discard: true })
    if (proof === undefined) yield* Console.log(`nothing to do; the database is at ${yield* newest}`)
    else yield* printProof(proof)
    yield* printWarnings
    if (warnings.length === 0) return
    yield* Console.error(
      `warning: the schema differs from the recorded baseline; tbg migrate repair creates what is missing\n${differenceTable(warnings)}`
    )
  }).pipe(onDatabase)
).pipe(Command.withDescription("Apply pending migrations"))

const targetOf = (to: string): Option.Option<Target> => {
  if (to === "base") return Option.some(0)
  return /^\d{1,4}$/.test(to) && Number(to) > 0 ? Option.some(Number(to)) : Option.none()
}

const to = Flag.String("to").pipe(
  Flag.filterMap(targetOf, () => "the number of a migration, or base"),
  Flag.withDescription(
    "Number of the latest migration to keep, or base to keep none; by default, only the latest is rolled back"
  ),
  Flag.withDefault<Target>("previous")
)

const Down = Command.make("down", { to, yes }, (flags) =>
  Effect.gen(function* () {
    const { down, namesAbove } = yield* Migrations
    const names = yield* namesAbove(flags.to)
    if (names.length === 0) return yield* Console.log("nothing to do; no migration to roll back")
    yield* confirm(
      `Roll back ${names.join(", ")}? This drops the tables that they created. Baseline tables stay.`,
      flags
    )
    const proof = yield* down(names)
    yield* Effect.forEach(names, (name) => Console.log(`${name}: rolled back`), { discard: true })
    yield* printProof(proof)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Roll back the latest migration, or down to --to; baseline tables stay"))

const lineOf = ({ appliedAt, changed, mode, name, unknown, version }: MigrationStatus): string =>
  [
    `${name}: ${appliedAt === null ? "pending" : `${mode ?? "applied"} ${appliedAt}`}`,
    ...(version === null ? [] : [`by version ${version}`]),
    ...(unknown ? ["by a newer version"] : []),
    ...(changed ? ["changed since"] : [])
  ].join(", ")

const Status = Command.make("status", { json }, (flags) =>
  Effect.gen(function* () {
    const { status, verify } = yield* Migrations
    const migrations = yield* status
    yield* Console.log(flags.json ? JSON.stringify(migrations) : migrations.map(lineOf).join("\n"))
    yield* verify
  }).pipe(onDatabase)
).pipe(Command.withDescription("List the migrations, and when each was applied"))

const Check = Command.make("check", { json }, (flags) =>
  Effect.gen(function* () {
    const { refresh, verify } = yield* Migrations
    yield* verify
    const report = yield* refresh
    const { differences, fingerprint } = report
    const summary = differences.length === 0 ? "no drift" : differenceTable(differences)
    yield* Console.log(flags.json ? JSON.stringify(report) : `${summary}\nfingerprint ${fingerprint}`)
    if (differences.length > 0) return yield* new ExitWith({ code: driftExitCode })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Compare the database with the expected schema; exit code 0, or 3 for drift"))

const scriptOf = ({ name, statements }: RanMigration): string =>
  statements.length === 0
    ? `-- ${name}: only recorded in the ledger`
    : [`-- ${name}`, ...statements.map((statement) => `${statement};`)].join("\n")

const Plan = Command.make("plan", { json }, (flags) =>
  Effect.gen(function* () {
    const { steps } = yield* (yield* Migrations).plan
    if (flags.json) return yield* Console.log(JSON.stringify({ steps }))
    if (steps.length === 0) return yield* Console.log("-- nothing to do")
    yield* Console.log(steps.map(scriptOf).join("\n\n"))
    yield* Console.log(`\n-- in one transaction, with ${ownSchema} first in the search_path`)
  }).pipe(onDatabase)
).pipe(Command.withDescription("Run the migrations in a transaction, roll back, and print their SQL"))

const Repair = Command.make("repair", { json, yes }, (flags) =>
  Effect.gen(function* () {
    const { lacking, refresh, repair } = yield* Migrations
    const { manual, own, statements } = yield* lacking
    // With --json, statements go to standard error, so that standard output is one JSON document.
    const print = flags.json ? Console.error : Console.log
    yield* Effect.forEach(statements, ({ object, sql }) => print(`-- ${object}\n${sql};`), { discard: true })
    if (manual.length > 0)
      yield* print(`not repaired, because repair only creates missing objects:\n${differenceTable(manual)}`)
    if (own.length > 0) yield* print(`not repaired, because migrations create these tables:\n${differenceTable(own)}`)
    if (statements.length > 0) yield* confirm("Run these statements?", flags)
    const proof = statements.length === 0 ? undefined : yield* repair(statements)
    const { differences, fingerprint } = yield* refresh
    if (flags.json) yield* Console.log(JSON.stringify({ ran: statements, proof, differences, fingerprint }))
    else {
      if (proof !== undefined) yield* printProof(proof)
      yield* Console.log(differences.length === 0 ? "no drift" : `remaining:\n${differenceTable(differences)}`)
    }
    if (differences.length > 0) return yield* new ExitWith({ code: driftExitCode })
  }).pipe(onDatabase)
).pipe(Command.withDescription("Create missing baseline objects: print the SQL, ask, and run it in one transaction"))

const folder = "migrations"

/** Contains invalid SQL, so that it cannot be applied before it is written. An applied migration must not change. */
const template = `import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THE MIGRATION\`
})

export const down = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql\`WRITE THE ROLLBACK\`
})
`

const name = Argument.String("name").pipe(
  Argument.filter(
    (name) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name),
    () => "lower-case verb_noun, for example create_teams"
  ),
  Argument.withDescription("Lower-case verb_noun, for example create_teams")
)

const noFolder = "no migrations folder in the working directory; run this in the source tree"

const New = Command.make("new", { name }, (flags) =>
  Effect.gen(function* () {
    const { readDirectory, writeFileString } = yield* FileSystem.FileSystem
    const files = yield* Effect.mapError(readDirectory(folder), () => new UsageError({ message: noFolder }))
    const migrations = yield* Effect.mapError(
      Effect.fromResult(parseFiles(files)),
      ({ message }) => new UsageError({ message })
    )
    const migration = { id: (migrations.at(-1)?.id ?? 0) + 1, name: flags.name }
    const same = migrations.find(({ name }) => name === migration.name)
    if (same !== undefined) return yield* new UsageError({ message: `${migrationName(same)} already exists` })
    const path = `${folder}/${migrationName(migration)}.ts`
    yield* writeFileString(path, template, { flag: "wx" })
    yield* Console.log(path)
  })
).pipe(Command.withDescription("Create a migration file, and print its path"))

export const Migrate = commandGroup("migrate", "Inspect the schema, and apply migrations", [
  Up,
  Down,
  Status,
  Check,
  Plan,
  Repair,
  New
])
