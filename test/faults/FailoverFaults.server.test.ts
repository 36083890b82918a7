import { layer } from "@effect/vitest"
import { Layer } from "effect"
import { basebackup } from "../support/Standby.ts"
import { Failover, failoverCauses, smallDisk } from "./FailoverCauses.ts"
import { longest, repeated, verified } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { Subject } from "./Subject.ts"
import { failoverFaults } from "./table/FailoverFaults.ts"

const rows = [
  { name: "Postgres is made read-only", needs: { isMissing: false, reason: "" } },
  { name: "Postgres is demoted behind its name", needs: basebackup },
  { name: "the disk of Postgres is full", needs: smallDisk }
] as const

const all = Layer.provideMerge(Layer.merge(Subject.layer, Failover.layer), servers)

layer(all, { excludeTestServices: true })("docs/faults.md matches what callers see if", (it) => {
  for (const { name, needs } of rows) {
    it.effect(
      name,
      (context) => {
        context.skip(needs.isMissing, needs.reason)
        return repeated(verified(failoverFaults[name], failoverCauses[name]))
      },
      longest
    )
  }
})
