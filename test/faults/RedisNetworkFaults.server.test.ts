import { layer } from "@effect/vitest"
import { redisNetworkCauses } from "./RedisCauses.ts"
import { verifyAnew } from "./Runner.ts"
import { servers } from "./Servers.ts"
import { redisNetworkFaults } from "./table/RedisNetworkFaults.ts"

layer(servers, { excludeTestServices: true })("docs/faults.md matches what callers see if", (it) =>
  verifyAnew(it, redisNetworkFaults, redisNetworkCauses)
)
