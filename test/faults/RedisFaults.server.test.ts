import { layer } from "@effect/vitest"
import { redisCauses } from "./RedisCauses.ts"
import { verifyAnew } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { redisFaults } from "./table/RedisFaults.ts"

layer(servers, { excludeTestServices: true })("what callers see is what docs/faults.md says when", (it) =>
  verifyAnew(it, redisFaults, redisCauses)
)
