import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { allRows } from "../../src/layers/config/Table.ts"
import { configFrom, deployed } from "../support/ConfigFrom.ts"
import {
  autoscaler,
  base,
  baseKustomization,
  deployment,
  disruption,
  migration,
  mining,
  service,
  settingsOfPods
} from "../support/Kubernetes.ts"
import { repository, yamlIn } from "../support/Yaml.ts"

const { spec: pod } = deployment.spec.template
const [api] = pod.containers
const [migrating] = migration.spec.template.spec.containers
const probes = [api.startupProbe, api.livenessProbe, api.readinessProbe]

/** The configuration that the service reads, with the Secret's values. */
const config = configFrom({ ...deployed("production"), ...settingsOfPods })

const decodeRoutes = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ paths: Schema.Record(Schema.String, Schema.Unknown) }))
)

describe("the Kubernetes manifests", () => {
  it("are all in the kustomization, without a Secret", () => {
    const files = readdirSync(join(repository, base)).filter((name) => name !== "kustomization.yaml")
    assert.sameMembers([...baseKustomization.resources], files)
    const kinds = files.flatMap((name) => yamlIn(`${base}/${name}`)).map((object) => JSON.stringify(object))
    assert.isFalse(kinds.some((object) => object.includes('"kind":"Secret"')))
  })

  it("set only variables and reference only secrets that the service knows", () => {
    const known = allRows.map(({ env }) => env)
    assert.includeMembers(known, Object.keys(settingsOfPods))
    const readme = readFileSync(join(repository, "deploy/kubernetes/README.md"), "utf8")
    assert.includeMembers(
      known,
      [...readme.matchAll(/TBG_\w+/gu)].map(([name]) => name)
    )
  })

  it.effect("run migrations only in the job, before the deployment", () =>
    Effect.gen(function* () {
      assert.isFalse((yield* config).migrations.onStart)
      assert.deepStrictEqual(migrating.args, ["migrate", "up"])
      assert.deepStrictEqual(api.args, ["serve"])
      assert.strictEqual(migrating.image, api.image)
      // The same settings and secrets, followed by the owner's.
      assert.deepStrictEqual(migrating.envFrom.slice(0, 2), [...api.envFrom])
      assert.deepStrictEqual(migrating.envFrom.slice(2), [{ secretRef: { name: "tbg-api-migrate", optional: true } }])
    })
  )

  it.effect("probe existing routes on the configured port", () =>
    Effect.gen(function* () {
      const { paths } = decodeRoutes(readFileSync(join(repository, "openapi.json"), "utf8"))
      const [port] = api.ports
      for (const { httpGet } of probes) {
        assert.property(paths, httpGet.path)
        assert.strictEqual(httpGet.port, port.name)
      }
      assert.strictEqual(port.containerPort, (yield* config).http.port)
      assert.strictEqual(service.spec.ports[0].targetPort, port.name)
    })
  )

  it("restart a pod only for its own failures, not for those of Postgres", () => {
    assert.deepStrictEqual(
      probes.map(({ httpGet }) => httpGet.path),
      ["/health", "/health", "/ready"]
    )
  })

  it.effect("give a pod enough time to start and drain", () =>
    Effect.gen(function* () {
      const { readiness, shutdown } = yield* config
      assert.isAbove(pod.terminationGracePeriodSeconds * 1000, shutdown.delayMs + shutdown.timeoutMs)
      assert.isAbove((api.readinessProbe.timeoutSeconds ?? 1) * 1000, readiness.timeoutMs)
      assert.isAbove(shutdown.delayMs, 0)
    })
  )

  it("select the pods of the service, and not those of the job", () => {
    const { labels } = deployment.spec.template.metadata
    const selectors = [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      disruption.spec.selector.matchLabels,
      ...pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels)
    ]
    for (const selector of selectors) {
      assert.deepStrictEqual(selector, labels)
      assert.notDeepEqual(selector, migration.spec.template.metadata.labels)
    }
  })

  it("run the projection in pods of its own, which get no requests and have the same restrictions", () => {
    const { metadata, spec } = mining.spec.template
    const [projecting] = spec.containers
    assert.deepStrictEqual(projecting.args, ["mining", "project"])
    assert.deepStrictEqual(metadata.labels, mining.spec.selector.matchLabels)
    assert.notDeepEqual<unknown>(metadata.labels, service.spec.selector)
    assert.deepStrictEqual(projecting.securityContext, api.securityContext)
    assert.deepStrictEqual(spec.securityContext, pod.securityContext)
    assert.strictEqual(projecting.livenessProbe.httpGet.path, "/health")
    assert.strictEqual(spec.terminationGracePeriodSeconds, pod.terminationGracePeriodSeconds)
  })

  it.effect("do not scale beyond what the limiter and Postgres are configured for", () =>
    Effect.gen(function* () {
      const { database, rateLimit } = yield* config
      const { maxReplicas, minReplicas, scaleTargetRef } = autoscaler.spec
      assert.deepStrictEqual(scaleTargetRef, { kind: "Deployment", name: deployment.metadata.name })
      assert.isUndefined(deployment.spec.replicas)
      assert.strictEqual(rateLimit.replicas, maxReplicas)
      assert.isAbove(minReplicas, disruption.spec.maxUnavailable)
      const { maxSurge, maxUnavailable } = deployment.spec.strategy.rollingUpdate
      assert.strictEqual(maxUnavailable, 0)
      // A session for probes beside each pool; Postgres has 100 by default, 3 of them for superusers (docs/deployment.md).
      assert.isAtMost((maxReplicas + maxSurge) * (database.poolMax + 1), 97)
    })
  )

  it.each([
    ["the service", pod, api],
    ["the job", migration.spec.template.spec, migrating]
  ] as const)("give %s no privileges", (_, spec, container) => {
    assert.deepStrictEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" }
    })
    assert.deepStrictEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] }
    })
    assert.isFalse(spec.automountServiceAccountToken)
    // Variables such as TBG_API_PORT=tcp://… would look like settings.
    assert.isFalse(spec.enableServiceLinks)
  })
})
