import { Effect } from "effect"
import { isIsolated, isolationFacts, isolationStatements, teamRole as team } from "../../services/TenantIsolation.ts"
import type { IsolationFacts } from "../../services/TenantIsolation.ts"
import { failed, ok, skipped } from "./Check.ts"
import type { Finding } from "./Check.ts"

const script = (statements: ReadonlyArray<string>): string => statements.map((statement) => `${statement};`).join(" ")

const switchNote = `tenant isolation relies on switching to role ${team}, which works`

export const isolationFinding = (facts: IsolationFacts): Finding => {
  const { bypassesPolicies, canSwitchRole, isEnabled, name, switchesRole, teamBypassesPolicies } = facts
  if (switchesRole === null) return skipped(`${name}; tenant isolation is set up with the tables`)
  if (!isEnabled) {
    return failed(
      "row-level security is off, so only the queries isolate tenants",
      "ALTER TABLE … ENABLE ROW LEVEL SECURITY on tbg_api.posts, tbg_api.post_counts and tbg_api.idempotency_keys"
    )
  }
  if (!switchesRole) {
    const state = isIsolated(facts)
      ? "row-level security is forced on the tables' owner instead, and pg_dump by the owner fails"
      : "only the queries isolate tenants"
    return failed(
      `${name} could not assume the role ${team} when the tables were created; ${state}`,
      script(isolationStatements(name))
    )
  }
  if (!canSwitchRole)
    return failed(`${name} cannot assume the role ${team}, which every request needs`, `GRANT ${team} TO "${name}"`)
  if (teamBypassesPolicies) {
    return failed(
      `${team} bypasses row-level security, so tenants are not isolated`,
      `ALTER ROLE ${team} NOSUPERUSER NOBYPASSRLS`
    )
  }
  return ok(bypassesPolicies ? `${name} bypasses row-level security; ${switchNote}` : `${name}: ${switchNote}`)
}

export const role = Effect.map(isolationFacts, isolationFinding)

export const rightsFinding = ({ missingGrants, name, switchesRole }: IsolationFacts): Finding => {
  if (switchesRole === null) return skipped(`${name}; rights are granted with the tables`)
  return missingGrants.length === 0
    ? ok(`${name} can read and write the tables of this service`)
    : failed(`${name} lacks rights on the tables of this service`, script(missingGrants))
}

export const rights = Effect.map(isolationFacts, rightsFinding)
