import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { allRows } from "../../src/layers/config/Table.ts"
import { composeIn, projectIn } from "../support/ComposeFile.ts"
import { repository } from "../support/Yaml.ts"

const development = composeIn("compose.yaml")
const production = composeIn("deploy/compose.production.yaml")
const existing = composeIn("deploy/existing-stack/compose.override.yaml")
const files = { development, production, existing }
const replicas = ["api", "api-2", "api-3"]
const processes = [...replicas, "mining"]

const { api, redis, timescaledb } = development
const settingNames = new Set(allRows.map(({ env }) => env))
const withProfile = (profile: string) =>
  Object.keys(development).filter((name) => development[name]?.profiles?.includes(profile))

const healthcheck = {
  test: ["CMD", "tbg", "healthcheck"],
  interval: "10s",
  timeout: "5s",
  retries: 5,
  start_period: "10s"
}

describe("compose.yaml", () => {
  it("exposes the service on its port, after both of its servers are healthy", () => {
    assert.strictEqual(api?.container_name, "tbg-api")
    assert.deepStrictEqual(api?.ports, ["127.0.0.1:${API_PORT:-8000}:8000"])
    assert.deepStrictEqual(api?.depends_on, {
      timescaledb: { condition: "service_healthy" },
      redis: { condition: "service_healthy" }
    })
    assert.strictEqual(timescaledb?.image, "timescale/timescaledb:latest-pg16")
    assert.strictEqual(redis?.image, "redis:7-alpine")
    assert.deepStrictEqual(timescaledb?.volumes, ["timescaledb:/var/lib/postgresql/data"])
    assert.isDefined(timescaledb?.healthcheck)
    assert.isDefined(redis?.healthcheck)
  })

  it("checks the service's health every 10 s, as the image and the existing stack do", () => {
    assert.deepStrictEqual(api?.healthcheck, healthcheck)
    assert.deepStrictEqual(existing["api"]?.healthcheck, healthcheck)
    assert.deepStrictEqual(existing["mining"]?.healthcheck, healthcheck)
    assert.include(
      readFileSync(join(repository, "Dockerfile"), "utf8"),
      "HEALTHCHECK --interval=10s --timeout=5s --retries=5 --start-period=10s"
    )
  })

  it("mounts the sources read-only into the development target", () => {
    assert.strictEqual(api?.build?.target, "dev")
    assert.deepStrictEqual(api?.volumes, ["./src:/app/src:ro", "./migrations:/app/migrations:ro"])
  })

  it("makes the service read-only and unprivileged, and gives it time to drain", () => {
    for (const service of [...processes.map((name) => development[name]), existing["api"], existing["mining"]]) {
      assert.strictEqual(service?.restart, "unless-stopped")
      assert.isTrue(service?.read_only)
      assert.deepStrictEqual(service?.cap_drop, ["ALL"])
      assert.deepStrictEqual(service?.security_opt, ["no-new-privileges:true"])
      assert.strictEqual(service?.stop_grace_period, "30s")
    }
  })

  it("has profiles for three replicas behind a load balancer and for observability", () => {
    assert.deepStrictEqual(withProfile("replicas"), ["api-2", "api-3", "lb"])
    assert.deepStrictEqual(withProfile("observability"), ["prometheus", "grafana", "jaeger"])
  })

  it("pins every image that it adds to a version", () => {
    const pinned = Object.values(development)
      .filter(({ build, profiles }) => build === undefined && profiles !== undefined)
      .map(({ image }) => image)
    assert.strictEqual(pinned.length, 4)
    for (const image of pinned) assert.match(image ?? "", /:v?\d+\.\d+\.\d+(-alpine)?$/)
  })

  it("publishes ports on loopback only", () => {
    for (const { ports } of Object.values(development)) {
      for (const port of ports ?? []) assert.match(port, /^127\.0\.0\.1:/)
    }
  })

  it("trusts only the address of the load balancer", () => {
    const address = "${LB_ADDRESS:-172.16.87.10}"
    assert.deepStrictEqual(development["lb"]?.networks, { edge: { ipv4_address: address } })
    for (const name of replicas) {
      assert.strictEqual(development[name]?.environment?.["TBG_TRUSTED_PROXIES"], address)
    }
  })
})

describe("Compose files", () => {
  it("use separate volumes for production and development", () => {
    const projects = ["compose.yaml", "deploy/compose.production.yaml"].map(projectIn)
    assert.deepStrictEqual(projects, ["tbg-api-development", "tbg-api"])
  })

  it("mount only files that exist", () => {
    const mounted = Object.values(development).flatMap(({ volumes }) =>
      (volumes ?? []).map((volume) => volume.split(":")[0] ?? "").filter((path) => path.startsWith("./"))
    )
    assert.isAtLeast(mounted.length, 6)
    for (const path of mounted) assert.isTrue(existsSync(join(repository, path)), path)
  })

  it.each(Object.entries(files))("set only variables that the service knows: %s", (_, services) => {
    const names = processes.flatMap((name) => Object.keys(services[name]?.environment ?? {}))
    assert.isAtLeast(names.length, 4)
    for (const name of names) assert.isTrue(settingNames.has(name), name)
  })

  it("have no default secret or image outside development", () => {
    for (const name of processes) {
      assert.match(production[name]?.image ?? "", /^\$\{TBG_IMAGE:\?/)
      assert.match(production[name]?.environment?.["TBG_SECRET_KEY"] ?? "", /^\$\{TBG_SECRET_KEY:\?/)
      assert.include(production[name]?.environment?.["TBG_DATABASE_URL"], "${POSTGRES_PASSWORD:?")
      assert.deepStrictEqual(production[name]?.volumes, [])
    }
    assert.match(production["timescaledb"]?.environment?.["POSTGRES_PASSWORD"] ?? "", /^\$\{POSTGRES_PASSWORD:\?/)
    assert.match(existing["api"]?.environment?.["TBG_SECRET_KEY"] ?? "", /^\$\{TBG_SECRET_KEY:\?/)
  })

  it("replace the service of an existing stack under the same name, and keep its other variables", () => {
    assert.deepStrictEqual(Object.keys(existing), ["api", "mining"])
    assert.deepStrictEqual(Object.keys(existing["api"]?.environment ?? {}), [
      "TBG_ENVIRONMENT",
      "TBG_DATABASE_URL",
      "TBG_REDIS_URL",
      "TBG_SECRET_KEY",
      "TBG_PUBLIC_URL",
      "TBG_BITCOIN_NETWORK"
    ])
    for (const name of ["api", "mining"]) {
      assert.strictEqual(existing[name]?.environment?.["TBG_BITCOIN_NETWORK"], "${TBG_BITCOIN_NETWORK:-signet}")
    }
    assert.strictEqual(existing["api"]?.environment?.["TBG_ENVIRONMENT"], "${TBG_ENVIRONMENT:-production}")
    assert.strictEqual(production["api"]?.environment?.["TBG_ENVIRONMENT"], "${TBG_ENVIRONMENT:-production}")
  })
})
