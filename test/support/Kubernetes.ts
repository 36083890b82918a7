import { Schema } from "effect"
import { yamlIn } from "./Yaml.ts"

export const base = "deploy/kubernetes/base"
export const overlay = "deploy/kubernetes/overlays/production"

const Labels = Schema.Record(Schema.String, Schema.String)
const Selector = Schema.Struct({ matchLabels: Labels })
const Named = Schema.Struct({ name: Schema.String, optional: Schema.optionalKey(Schema.Boolean) })
const Probe = Schema.Struct({
  httpGet: Schema.Struct({ path: Schema.String, port: Schema.String }),
  periodSeconds: Schema.Int,
  timeoutSeconds: Schema.optionalKey(Schema.Int),
  failureThreshold: Schema.Int
})

const containerFields = {
  image: Schema.String,
  args: Schema.Array(Schema.String),
  envFrom: Schema.Array(
    Schema.Struct({ configMapRef: Schema.optionalKey(Named), secretRef: Schema.optionalKey(Named) })
  ),
  securityContext: Schema.Unknown
}
const Container = Schema.Struct(containerFields)
const ServingContainer = Schema.Struct({
  ...containerFields,
  ports: Schema.Tuple([Schema.Struct({ name: Schema.String, containerPort: Schema.Int })]),
  startupProbe: Probe,
  livenessProbe: Probe,
  readinessProbe: Probe
})

const podFields = {
  automountServiceAccountToken: Schema.Boolean,
  enableServiceLinks: Schema.Boolean,
  securityContext: Schema.Unknown
}

const decoder = <S extends Schema.Codec<unknown, unknown>>(schema: S) =>
  Schema.decodeUnknownSync(Schema.Tuple([schema]))

/** Objects of `base`, with the fields that the tests check. */
export const [deployment] = decoder(
  Schema.Struct({
    metadata: Named,
    spec: Schema.Struct({
      replicas: Schema.optionalKey(Schema.Int),
      strategy: Schema.Struct({
        rollingUpdate: Schema.Struct({ maxSurge: Schema.Int, maxUnavailable: Schema.Int })
      }),
      selector: Selector,
      template: Schema.Struct({
        metadata: Schema.Struct({ labels: Labels }),
        spec: Schema.Struct({
          ...podFields,
          terminationGracePeriodSeconds: Schema.Int,
          topologySpreadConstraints: Schema.Array(Schema.Struct({ labelSelector: Selector })),
          containers: Schema.Tuple([ServingContainer])
        })
      })
    })
  })
)(yamlIn(`${base}/deployment.yaml`))

export const [migration] = decoder(
  Schema.Struct({
    spec: Schema.Struct({
      template: Schema.Struct({
        metadata: Schema.Struct({ labels: Labels }),
        spec: Schema.Struct({ ...podFields, containers: Schema.Tuple([Container]) })
      })
    })
  })
)(yamlIn(`${base}/migrate.yaml`))

export const [service] = decoder(
  Schema.Struct({
    spec: Schema.Struct({
      selector: Labels,
      ports: Schema.Tuple([Schema.Struct({ targetPort: Schema.String })])
    })
  })
)(yamlIn(`${base}/service.yaml`))

export const [autoscaler] = decoder(
  Schema.Struct({
    spec: Schema.Struct({
      scaleTargetRef: Schema.Struct({ kind: Schema.String, name: Schema.String }),
      minReplicas: Schema.Int,
      maxReplicas: Schema.Int
    })
  })
)(yamlIn(`${base}/autoscaler.yaml`))

export const [disruption] = decoder(
  Schema.Struct({ spec: Schema.Struct({ maxUnavailable: Schema.Int, selector: Selector }) })
)(yamlIn(`${base}/disruption.yaml`))

const kustomization = decoder(
  Schema.Struct({
    resources: Schema.Array(Schema.String),
    configMapGenerator: Schema.Tuple([
      Schema.Struct({
        name: Schema.String,
        literals: Schema.Array(Schema.TemplateLiteral([Schema.String, "=", Schema.String]))
      })
    ])
  })
)

export const [baseKustomization] = kustomization(yamlIn(`${base}/kustomization.yaml`))
const [overlayKustomization] = kustomization(yamlIn(`${overlay}/kustomization.yaml`))

/** Settings of the ConfigMap, with the overlay's over those of the base. */
export const settingsOfPods = Object.fromEntries(
  [baseKustomization, overlayKustomization]
    .flatMap(({ configMapGenerator: [{ literals }] }) => literals)
    .map((literal) => {
      const at = literal.indexOf("=")
      return [literal.slice(0, at), literal.slice(at + 1)] as const
    })
)
