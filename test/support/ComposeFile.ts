import { Schema } from "effect"
import { yamlIn } from "./Yaml.ts"

const Texts = Schema.Array(Schema.String)

const Service = Schema.Struct({
  image: Schema.optionalKey(Schema.String),
  build: Schema.optionalKey(Schema.NullOr(Schema.Struct({ context: Schema.String, target: Schema.String }))),
  profiles: Schema.optionalKey(Texts),
  container_name: Schema.optionalKey(Schema.String),
  restart: Schema.optionalKey(Schema.String),
  environment: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  ports: Schema.optionalKey(Texts),
  volumes: Schema.optionalKey(Texts),
  networks: Schema.optionalKey(Schema.Unknown),
  depends_on: Schema.optionalKey(Schema.Unknown),
  healthcheck: Schema.optionalKey(Schema.Unknown),
  read_only: Schema.optionalKey(Schema.Boolean),
  cap_drop: Schema.optionalKey(Texts),
  security_opt: Schema.optionalKey(Texts),
  stop_grace_period: Schema.optionalKey(Schema.String)
})

const decodeFile = Schema.decodeUnknownSync(
  Schema.Tuple([
    Schema.Struct({ name: Schema.optionalKey(Schema.String), services: Schema.Record(Schema.String, Service) })
  ])
)

/** Services of the Compose file at this path in the repository, by name, without interpolation. */
export const composeIn = (path: string): Readonly<Record<string, typeof Service.Type>> =>
  decodeFile(yamlIn(path))[0].services

/** Project name of the Compose file, which Compose adds to volume names. */
export const projectIn = (path: string): string | undefined => decodeFile(yamlIn(path))[0].name
