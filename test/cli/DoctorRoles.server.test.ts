import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { inject } from "vitest"
import { requestPosts } from "../support/PostsRequests.ts"
import { doctorReport, failedChecks } from "../support/DoctorReport.ts"
import { short } from "../support/TeamRoutes.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { freshDatabaseOn, testClient } from "../support/TestDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"

const mining =
  "addresses blocks counters facts gaps network outbox pool pool_bests quarantine ratios rebuild_days rebuild_workers rebuilds shares state streams week_accounts week_amendments week_miners week_ranks week_state weeks work_1d work_1h work_5m workers"
    .split(" ")
    .map((name) => `tbg_api.mining_${name}`)
    .join(", ")

/** The rights of `docs/database.md` without the membership in the role of tenant statements. */
const documented = [
  "GRANT USAGE ON SCHEMA tbg_api TO service",
  "GRANT SELECT ON tbg_api.migrations, tbg_api.teams TO service",
  "GRANT SELECT, UPDATE ON tbg_api.api_keys TO service",
  "GRANT SELECT, INSERT ON tbg_api.service_facts TO service",
  "GRANT SELECT, INSERT, UPDATE ON tbg_api.accounts TO service",
  "GRANT SELECT, INSERT ON tbg_api.account_addresses TO service",
  "GRANT SELECT, INSERT, UPDATE, DELETE ON tbg_api.signin_challenges, tbg_api.sessions, tbg_api.session_tokens, tbg_api.live_tickets TO service",
  "GRANT SELECT ON public.shares, public.blocks TO service",
  `GRANT SELECT ON ${mining} TO service`
]

/**
 * Migrated database with a role `service` that has `rights`, on a separate server, because roles are global to a
 * server.
 */
const withService = Effect.fnUntraced(function* (rights: ReadonlyArray<string>, isProjecting = false) {
  const postgres = yield* throwawayPostgres
  yield* programResult(["migrate", "up"], { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: postgres.url })
  const url = new URL(postgres.url)
  url.username = "service"
  url.password = "own"
  const client = testClient(Redacted.make(postgres.url))
  const administer = (statement: string) => Effect.provide(run(statement), client)
  yield* administer("CREATE ROLE service LOGIN PASSWORD 'own'")
  yield* Effect.forEach(rights, administer)
  return {
    administer,
    owner: Redacted.make(postgres.url),
    service: Redacted.make(url.href),
    role: Effect.map(
      doctorReport({ TBG_DATABASE_URL: url.href, TBG_PROJECTION: isProjecting ? "on" : "off" }),
      (report) => ({ report, found: report.by.get("database role") })
    )
  }
})

describe("tbg doctor on the database role", () => {
  it.live("fails for a role that cannot assume tbg_api_team, passes for a member, and fails if policies are off", () =>
    Effect.gen(function* () {
      const { administer, role } = yield* withService(documented)
      const outsider = yield* role
      assert.deepStrictEqual([outsider.report.code, failedChecks(outsider.report)], [1, ["database role"]])
      assert.strictEqual(outsider.found?.mend, 'GRANT tbg_api_team TO "service"')
      yield* administer("GRANT tbg_api_team TO service")
      const member = yield* role
      assert.deepStrictEqual([member.report.code, failedChecks(member.report)], [0, []])
      assert.strictEqual(
        member.found?.what,
        "service: tenant isolation relies on switching to role tbg_api_team, which works"
      )
      yield* administer("ALTER ROLE service BYPASSRLS")
      assert.match((yield* role).found?.what ?? "", /^service bypasses row-level security; tenant isolation relies/)
      yield* administer("ALTER TABLE tbg_api.posts DISABLE ROW LEVEL SECURITY")
      const { found, report } = yield* role
      assert.deepStrictEqual([report.code, found?.state], [1, "failed"])
      assert.include(found?.what, "row-level security is off")
    })
  )
})

describe("tbg doctor on database rights", () => {
  it.live("prints the GRANTs that a role without rights needs to serve and to project", () =>
    Effect.gen(function* () {
      const { administer, owner, role, service } = yield* withService([], true)
      const { report } = yield* role
      assert.strictEqual(report.code, 1)
      const fixes = ["database role", "database rights", "mining rights"].map((name) => report.by.get(name)?.mend ?? "")
      assert.strictEqual(fixes[0], 'GRANT tbg_api_team TO "service"')
      const statements = fixes.flatMap((fix) => fix.split(";")).filter((statement) => statement.trim() !== "")
      assert.sameMembers(
        statements.slice(1).map((statement) => statement.trim()),
        [
          "GRANT USAGE ON SCHEMA tbg_api TO service",
          "GRANT SELECT ON tbg_api.migrations TO service",
          "GRANT SELECT ON tbg_api.teams TO service",
          "GRANT SELECT, UPDATE ON tbg_api.api_keys TO service",
          "GRANT SELECT, INSERT ON tbg_api.service_facts TO service",
          "GRANT SELECT, INSERT, UPDATE ON tbg_api.accounts TO service",
          "GRANT SELECT, INSERT ON tbg_api.account_addresses TO service",
          ...["signin_challenges", "sessions", "session_tokens", "live_tickets"].map(
            (table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON tbg_api.${table} TO service`
          ),
          "GRANT SELECT ON public.blocks, public.shares TO service",
          `GRANT SELECT, INSERT, UPDATE, DELETE ON ${mining} TO service`,
          `GRANT TRUNCATE ON ${[0, 1, 2, 3].map((slot) => `tbg_api.mining_shares_${slot}`).join(", ")} TO service`
        ]
      )
      yield* Effect.forEach(statements, administer)
      const granted = (yield* role).report
      assert.deepStrictEqual([granted.code, failedChecks(granted)], [0, []])
      const { alpha } = yield* teamsIn(owner)
      const { url } = yield* testProcess({ ...teamVariables(service), TBG_MIGRATE_ON_START: "false" })
      const ask = requestPosts(url, alpha.name, alpha.token)
      assert.strictEqual((yield* ask("POST", "", short, { "idempotency-key": "once" })).status, 201)
      assert.strictEqual(JSON.parse((yield* ask("GET", "")).text).total, 1)
    })
  )
})

/** Definition of the function that enters a team; its owner is not part of it. */
const entering = run("SELECT pg_get_functiondef('tbg_api.tbg_api_enter(uuid)'::regprocedure) AS text")

describe("tbg doctor on an owner that could not create the role tbg_api_team", () => {
  it.live("fails, and prints SQL that sets up the usual isolation", () =>
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const administrator = testClient(Redacted.make(postgres.url))
      const { name, url } = yield* freshDatabaseOn(postgres.url)
      yield* Effect.forEach(
        ["CREATE ROLE plain LOGIN PASSWORD 'own'", `GRANT CREATE ON DATABASE ${name} TO plain`],
        (statement) => Effect.provide(run(statement), administrator)
      )
      const within = Effect.provide(testClient(url))
      yield* within(run("GRANT CREATE ON SCHEMA public TO plain"))
      const own = new URL(Redacted.value(url))
      own.username = "plain"
      own.password = "own"
      const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: own.href }
      const up = yield* programResult(["migrate", "up"], variables)
      assert.strictEqual(up.code, 0)
      assert.match(up.stderr, /^warning: role tbg_api_team cannot be assumed; row-level security is forced/)
      const report = yield* doctorReport(variables)
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["database role"]])
      const { mend, what } = report.by.get("database role") ?? {}
      assert.include(what, "row-level security is forced on the tables' owner instead")
      // Only the function contains semicolons.
      const statements = mend?.match(/(?:[^;$]|\$\$[^$]*\$\$)+;/gu) ?? []
      yield* Effect.forEach(statements, (statement) => within(run(statement)))
      const fixed = yield* doctorReport(variables)
      assert.deepStrictEqual([fixed.code, failedChecks(fixed)], [0, []])
      const other = yield* freshDatabaseOn(postgres.url)
      const migrated = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: Redacted.value(other.url) }
      assert.strictEqual((yield* programResult(["migrate", "up"], migrated)).code, 0)
      const [expected] = yield* Effect.provide(entering, testClient(other.url))
      const squeeze = (row: typeof expected) => String(Object(row).text).replaceAll(/\s+/gu, " ")
      const [found] = yield* within(entering)
      assert.strictEqual(squeeze(found), squeeze(expected))
    })
  )
})

describe("a database whose encoding is not UTF8", () => {
  it.live.each(["SQL_ASCII", "LATIN1"])("of %s is refused with exit code 3 and named by doctor", (encoding) =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabaseOn(inject("postgres").url, { encoding })
      const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: Redacted.value(url) }
      const words = `the database has the encoding ${encoding}, expected UTF8; nothing was changed`
      const up = yield* programResult(["migrate", "up"], variables)
      assert.deepStrictEqual([up.code, up.stderr], [3, `${words}\n`])
      const serve = yield* programResult(["serve"], variables)
      assert.strictEqual(serve.code, 3)
      assert.include(serve.stdout, words)
      const report = yield* doctorReport(variables)
      assert.deepStrictEqual(failedChecks(report), ["database encoding"])
      assert.include(report.by.get("database encoding")?.mend, "ENCODING 'UTF8'")
    })
  )
})
