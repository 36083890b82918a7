import { Schema } from "effect"
import plainJson from "../fixtures/catalog-plain.json" with { type: "json" }
import timescaleJson from "../fixtures/catalog.json" with { type: "json" }

const Constraint = Schema.Struct({ name: Schema.String, definition: Schema.String })

const Hypertable = Schema.Struct({
  time_column: Schema.String,
  chunk_interval: Schema.String,
  compression: Schema.NullOr(Schema.Struct({ segmentby: Schema.String, orderby: Schema.String })),
  compression_policy: Schema.NullOr(Schema.Struct({ config: Schema.Struct({ compress_after: Schema.String }) })),
  retention_policy: Schema.Struct({ config: Schema.Struct({ drop_after: Schema.String }) })
})

const Aggregate = Schema.Struct({
  view_definition: Schema.String,
  materialization_hypertable: Schema.Struct({ schema: Schema.String, name: Schema.String }),
  refresh_policy: Schema.NullOr(
    Schema.Struct({ start_offset: Schema.String, end_offset: Schema.String, schedule_interval: Schema.String })
  )
})

const CatalogFixture = Schema.Struct({
  tables: Schema.Record(
    Schema.String,
    Schema.Struct({
      columns: Schema.Array(
        Schema.Struct({
          name: Schema.String,
          type: Schema.String,
          nullable: Schema.Boolean,
          default: Schema.NullOr(Schema.String)
        })
      ),
      primary_key: Schema.NullOr(Schema.Struct({ name: Schema.String, columns: Schema.Array(Schema.String) })),
      unique_constraints: Schema.Array(Constraint),
      foreign_keys: Schema.Array(Constraint),
      indexes: Schema.Array(
        Schema.Struct({
          name: Schema.String,
          definition: Schema.String,
          backs_constraint: Schema.NullOr(Schema.String)
        })
      )
    })
  ),
  sequences: Schema.Array(Schema.Struct({ name: Schema.String, type: Schema.String, owned_by: Schema.String })),
  hypertables: Schema.optionalKey(Schema.Record(Schema.String, Hypertable)),
  continuous_aggregates: Schema.optionalKey(Schema.Record(Schema.String, Aggregate))
})

/** The exact catalog that the init script of the database's owner makes. */
export type CatalogFixture = typeof CatalogFixture.Type
export type FixtureHypertable = typeof Hypertable.Type
export type FixtureAggregate = typeof Aggregate.Type
export type FixtureTable = CatalogFixture["tables"][string]

const decode = Schema.decodeUnknownSync(CatalogFixture)

/** Without TimescaleDB. */
export const plainCatalog: CatalogFixture = decode(plainJson)

/** With TimescaleDB. */
export const timescaleCatalog: CatalogFixture = decode(timescaleJson)

/** A table's constraints as definitions by name. */
export const constraintsOf = ({ foreign_keys, primary_key, unique_constraints }: FixtureTable) =>
  Object.fromEntries([
    ...(primary_key === null ? [] : [[primary_key.name, `PRIMARY KEY (${primary_key.columns.join(", ")})`] as const]),
    ...[...unique_constraints, ...foreign_keys].map(({ definition, name }) => [name, definition] as const)
  ])
