import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { teamRole as team, wallFacts } from "../../services/WallFacts.ts"
import type { WallFacts } from "../../services/WallFacts.ts"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

export const wallFinding = ({ forced, name, passes, switches, takenOn, teamPasses }: WallFacts): Finding => {
  const ownRole = "log in as a role without SUPERUSER and BYPASSRLS"
  if (switches === null) return skipped(`${name}; the wall between teams comes with the tables`)
  if (!forced) {
    return failed(
      "row-level security is off, so that nothing but the queries themselves keeps teams apart",
      "ALTER TABLE … ENABLE ROW LEVEL SECURITY, and FORCE ROW LEVEL SECURITY, on posts, post_counts, idempotency_keys"
    )
  }
  if (switches && !takenOn) {
    return failed(`${name} may not take on the role ${team}, as every request does`, `GRANT ${team} TO "${name}"`)
  }
  if (switches && teamPasses) {
    return failed(`no policy binds ${team}, so that teams see each other`, `ALTER ROLE ${team} NOSUPERUSER NOBYPASSRLS`)
  }
  if (!passes) return ok(`${name}: row-level security binds it`)
  const bypasses = `${name} passes row-level security by`
  if (switches) return ok(`${bypasses}: the wall between teams relies on the role ${team}, which can be taken on`)
  return warning(`${bypasses}, and the role ${team} could not be made: only the queries keep teams apart`, ownRole)
}

export const role: Check<SqlClient.SqlClient> = {
  name: "database role",
  look: Effect.map(wallFacts, wallFinding)
}
