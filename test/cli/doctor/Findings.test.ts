import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { latencyFinding } from "../../../src/cli/doctor/Check.ts"
import { filesFinding, proxiesFinding } from "../../../src/cli/doctor/Machine.ts"
import { clockFinding, defaultsFinding, encodingFinding } from "../../../src/cli/doctor/Postgres.ts"
import { evictionFinding, memoryFinding } from "../../../src/cli/doctor/RedisChecks.ts"
import { rightsFinding, isolationFinding } from "../../../src/cli/doctor/Role.ts"
import type { IsolationFacts } from "../../../src/services/TenantIsolation.ts"
import { secretFinding } from "../../../src/cli/doctor/Settings.ts"
import { developmentSecret } from "../../../src/layers/config/Rules.ts"
import { validSecret } from "../../support/ConfigFrom.ts"

const megabyte = 2 ** 20

describe("a finding of doctor", () => {
  it.each([
    [0, "ok"],
    [1000, "ok"],
    [-1000, "ok"],
    [1001, "warning"],
    [-86_400_000, "warning"]
  ])("describes a clock that is %s ms ahead", (ahead, state) => {
    assert.strictEqual(clockFinding(ahead).state, state)
  })

  it("describes the direction of a clock difference", () => {
    assert.strictEqual(clockFinding(2500).what, "2.5 s ahead of this machine's")
    assert.strictEqual(clockFinding(-2500).what, "2.5 s behind this machine's")
  })

  it.each([
    [0.4, "ok"],
    [51, "warning"]
  ])("describes a server that answers in %s ms", (millis, state) => {
    assert.strictEqual(latencyFinding("here", millis).state, state)
  })

  it.each([
    ["noeviction", "ok"],
    ["volatile-ttl", "ok"],
    ["volatile-lru", "ok"],
    ["allkeys-lru", "warning"],
    ["allkeys-random", "warning"],
    [undefined, "skipped"]
  ])("describes the eviction policy %s", (policy, state) => {
    assert.strictEqual(evictionFinding(policy).state, state)
  })

  it.each([
    [50 * megabyte, 0, "ok"],
    [50 * megabyte, 100 * megabyte, "ok"],
    [90 * megabyte, 100 * megabyte, "warning"]
  ])("describes memory with %s of %s bytes used", (used, most, state) => {
    assert.strictEqual(memoryFinding(used, most).state, state)
  })

  it.each([
    [[], "ok"],
    [["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"], "ok"],
    [["0.0.0.0/0"], "warning"],
    [["10.0.0.1", "::/0"], "warning"],
    [["128.0.0.0/1"], "warning"]
  ])("describes the trusted proxies %j", (trusted, state) => {
    assert.strictEqual(proxiesFinding(trusted).state, state)
  })

  it.each([
    ["Max open files            1024                 524288               files", 1000, "ok"],
    ["Max open files            256                  524288               files", 1000, "warning"],
    ["", 1000, "skipped"]
  ])("describes the open-file limit for %j", (limits, wanted, state) => {
    assert.strictEqual(filesFinding(limits, wanted).state, state)
  })

  it.each([
    ["the published secret", developmentSecret, "warning"],
    ["a secret of few characters", Redacted.make("abcabcabc".repeat(8)), "warning"],
    ["a secret by chance", Redacted.make(validSecret), "ok"]
  ])("describes %s without printing it", (_, secret, state) => {
    const finding = secretFinding(secret)
    assert.strictEqual(finding.state, state)
    assert.notInclude(JSON.stringify(finding), Redacted.value(secret))
  })

  const isolated: IsolationFacts = {
    name: "tbg",
    bypassesPolicies: true,
    isOwner: true,
    teamBypassesPolicies: false,
    switchesRole: true,
    isEnabled: true,
    isForced: false,
    canSwitchRole: true,
    missingGrants: []
  }

  it.each([
    ["an owner that switches to the team's role", { bypassesPolicies: false }, "ok"],
    ["a superuser that switches to the team's role", {}, "ok"],
    [
      "an owner bound by force",
      { bypassesPolicies: false, isForced: true, switchesRole: false, canSwitchRole: false },
      "failed"
    ],
    ["a superuser that could not create the team's role", { switchesRole: false, canSwitchRole: false }, "failed"],
    ["a role that cannot assume the team's", { bypassesPolicies: false, canSwitchRole: false }, "failed"],
    ["a team's role that no policy binds", { teamBypassesPolicies: true }, "failed"],
    ["tables without row-level security", { isEnabled: false }, "failed"],
    ["a database without the tables", { switchesRole: null }, "skipped"]
  ] as const)("describes %s", (_, facts, state) => {
    assert.strictEqual(isolationFinding({ ...isolated, ...facts }).state, state)
  })

  it.each([
    ["every right", {}, "ok"],
    ["a right missing", { missingGrants: ["GRANT USAGE ON SCHEMA tbg_api TO tbg"] }, "failed"],
    ["a database without the tables", { switchesRole: null }, "skipped"]
  ] as const)("describes a role with %s", (_, facts, state) => {
    assert.strictEqual(rightsFinding({ ...isolated, ...facts }).state, state)
  })

  it.each([
    ["UTF8", "ok"],
    ["LATIN1", "failed"],
    ["SQL_ASCII", "failed"]
  ])("describes the encoding %s", (encoding, state) => {
    assert.strictEqual(encodingFinding(encoding).state, state)
  })

  const usual = { database: "db", isolation: "read committed", replication: "origin", statementTimeout: "8s" }

  it.each([
    ["none", {}, "ok", null],
    ["an isolation", { isolation: "repeatable read" }, "warning", "default_transaction_isolation = 'read committed'"],
    ["triggers that do nothing", { replication: "replica" }, "failed", "session_replication_role = 'origin'"],
    ["no statement timeout", { statementTimeout: "0" }, "warning", "statement_timeout = '8s'"]
  ] as const)("describes hostile defaults: %s", (_, settings, state, setting) => {
    const finding = defaultsFinding({ ...usual, ...settings })
    assert.strictEqual(finding.state, state)
    assert.strictEqual(finding.fix, setting === null ? null : `ALTER DATABASE "db" SET ${setting}`)
  })
})
