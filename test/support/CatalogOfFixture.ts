import { Record } from "effect"
import type { Catalog } from "../../src/baseline/Catalog.ts"
import { constraintsOf } from "./CatalogFixture.ts"
import type { CatalogFixture, FixtureAggregate, FixtureHypertable } from "./CatalogFixture.ts"

type FoundTable = Catalog["tables"][string]
type FoundHypertable = Catalog["hypertables"][string]
type FoundAggregate = Catalog["aggregates"][string]

const clock = /^(\d+):(\d+):(\d+)$/
const unit: Readonly<Record<string, number>> = { day: 86_400, days: 86_400 }

/** Seconds of a Postgres interval in the fixture: `90 days`, `03:00:00`. */
const secondsOf = (interval: string): number => {
  const [, hours, minutes, seconds] = (clock.exec(interval) ?? []).map(Number)
  const [count, name] = interval.split(" ")
  return hours === undefined
    ? Number(count) * (unit[name ?? ""] ?? Number.NaN)
    : hours * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
}

const foundHypertable = (table: FixtureHypertable): FoundHypertable => ({
  timeColumn: table.time_column,
  chunk: secondsOf(table.chunk_interval),
  compression: table.compression && {
    segmentBy: table.compression.segmentby,
    orderBy: table.compression.orderby.replaceAll('"', "")
  },
  compressionPolicy: table.compression_policy && {
    after: secondsOf(table.compression_policy.config.compress_after),
    scheduled: true
  },
  retentionPolicy: { after: secondsOf(table.retention_policy.config.drop_after), scheduled: true }
})

const foundAggregate = ({
  refresh_policy: refresh,
  view_definition: definition
}: FixtureAggregate): FoundAggregate => ({
  definition,
  refresh: refresh && {
    start: secondsOf(refresh.start_offset),
    end: secondsOf(refresh.end_offset),
    every: secondsOf(refresh.schedule_interval),
    scheduled: true
  }
})

/** The catalog that the program would read from the fixture's database. */
export const catalogOfFixture = ({ continuous_aggregates, hypertables, tables }: CatalogFixture): Catalog => ({
  timescale: hypertables !== undefined,
  timescaleAvailable: false,
  home: "",
  owner: null,
  tables: Record.map(tables, (table) => ({
    columns: Object.fromEntries(
      table.columns.map(({ default: value, name, nullable, type }) => [name, { type, nullable, default: value }])
    ),
    constraints: constraintsOf(table),
    indexes: Object.fromEntries(
      table.indexes.map(({ definition, name }) => [name, definition.replace(" ON public.", " ON ")])
    ),
    partitionKey: null,
    rowSecurity: false,
    policies: {}
  })),
  others: {},
  own: { tables: {}, others: {} },
  hypertables: Record.map(hypertables ?? {}, foundHypertable),
  aggregates: Record.map(continuous_aggregates ?? {}, foundAggregate)
})

export const withoutTables = (catalog: Catalog, ...names: ReadonlyArray<string>): Catalog => ({
  ...catalog,
  tables: Record.filter(catalog.tables, (_, name) => !names.includes(name))
})

export const withTable = (catalog: Catalog, name: string, change: (table: FoundTable) => FoundTable): Catalog => ({
  ...catalog,
  tables: Record.map(catalog.tables, (table, other) => (other === name ? change(table) : table))
})

export const withHypertable = (catalog: Catalog, name: string, change: Partial<FoundHypertable>): Catalog => ({
  ...catalog,
  hypertables: Record.map(catalog.hypertables, (table, other) => (other === name ? { ...table, ...change } : table))
})

export const withAggregate = (catalog: Catalog, name: string, change: Partial<FoundAggregate>): Catalog => ({
  ...catalog,
  aggregates: Record.map(catalog.aggregates, (view, other) => (other === name ? { ...view, ...change } : view))
})
