import { layer } from "@effect/vitest"
import { Layer } from "effect"
import { databaseCauses, databaseNetworkCauses } from "./DatabaseCauses.ts"
import { verify } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { Subject } from "./Subject.ts"
import { databaseFaults } from "./table/DatabaseFaults.ts"
import { databaseNetworkFaults } from "./table/DatabaseNetworkFaults.ts"

layer(Layer.provideMerge(Subject.layer, servers), { excludeTestServices: true })(
  "docs/faults.md matches what callers see if",
  (it) => {
    verify(it, databaseFaults, databaseCauses)
    verify(it, databaseNetworkFaults, databaseNetworkCauses)
  }
)
