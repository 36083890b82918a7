import { layer } from "@effect/vitest"
import { redisCauses } from "./RedisCauses.ts"
import { verifyAnew } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { redisFaults } from "./table/RedisFaults.ts"

layer(servers, { excludeTestServices: true })("docs/faults.md matches what callers see if", (it) =>
  verifyAnew(it, redisFaults, redisCauses)
)
