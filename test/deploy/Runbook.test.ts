import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { repository, yamlIn } from "../support/Yaml.ts"

const page = "docs/runbook.md"
const text = readFileSync(join(repository, page), "utf8")

const decodeRules = Schema.decodeUnknownSync(
  Schema.Tuple([
    Schema.Struct({
      groups: Schema.Array(
        Schema.Struct({
          rules: Schema.Array(
            Schema.Struct({ alert: Schema.String, annotations: Schema.Record(Schema.String, Schema.String) })
          )
        })
      )
    })
  ])
)
const [{ groups }] = decodeRules(yamlIn("deploy/observability/prometheus/rules.yml"))
const alerts = groups.flatMap(({ rules }) => rules)

/** Sections of the alerts part, by heading. */
const sections = new Map(
  text
    .slice(text.indexOf("\n# Alerts\n"), text.indexOf("\n# Backup and restore\n"))
    .split("\n### ")
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section] as const)
)

describe("the runbook", () => {
  it("has a section for each alert and no other", () => {
    assert.sameMembers(
      [...sections.keys()],
      alerts.map(({ alert }) => alert)
    )
  })

  it.each(alerts)("is linked from $alert, and its section explains how to confirm the cause and what to do", (rule) => {
    const address = `https://github.com/the-bitcoin-game/tbg-api/blob/main/${page}`
    assert.strictEqual(rule.annotations["runbook_url"], `${address}#${rule.alert.toLowerCase()}`)
    const section = sections.get(rule.alert) ?? ""
    assert.include(section, "**Is it us?**")
    assert.include(section, "**Do:**")
  })

  it("lists every table that a backup needs", () => {
    const migration = readFileSync(join(repository, "migrations/0002_create_teams_keys_posts.ts"), "utf8")
    const tables = [...migration.matchAll(/CREATE TABLE (\w+)/gu)].map(([, table = ""]) => table)
    assert.isAtLeast(tables.length, 5)
    for (const table of tables) assert.include(text, `\`${table}\``)
  })
})
