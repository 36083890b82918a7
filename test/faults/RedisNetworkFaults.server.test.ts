import { layer } from "@effect/vitest"
import { redisNetworkCauses } from "./RedisCauses.ts"
import { verifyAnew } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { redisNetworkFaults } from "./table/RedisNetworkFaults.ts"

layer(servers, { excludeTestServices: true })("what callers see is what docs/faults.md says when", (it) =>
  verifyAnew(it, redisNetworkFaults, redisNetworkCauses)
)
