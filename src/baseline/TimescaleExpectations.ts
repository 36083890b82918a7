import { Record } from "effect"
import { aggregates } from "../domain/mining/Aggregates.ts"
import type { Hypertable } from "../domain/mining/Table.ts"
import { baselineTables } from "../domain/mining/Tables.ts"
import type { TableName } from "../domain/mining/Tables.ts"
import type { Catalog } from "./Catalog.ts"
import {
  aggregateStatements,
  compressionPolicyStatement,
  compressionStatement,
  refreshStatement,
  retentionStatement
} from "./Creation.ts"
import { intervalText, normalView } from "./Definition.ts"
import type { Expectation } from "./Difference.ts"

type FoundHypertable = Catalog["hypertables"][string]
type FoundPolicy = FoundHypertable["retentionPolicy"]
type FoundRefresh = NonNullable<Catalog["aggregates"][string]["refresh"]>

const spanOf = (seconds: number | null, otherwise: string): string =>
  seconds === null ? otherwise : intervalText(seconds)

const agoOf = (seconds: number | null, otherwise: string): string =>
  seconds === null ? otherwise : `${intervalText(seconds)} ago`

const describeHypertable = (timeColumn: string, chunk: string): string =>
  `a hypertable by ${timeColumn} in chunks of ${chunk}`

const describeCompression = (segmentBy: string | null, orderBy: string | null): string =>
  `segmented by ${segmentBy ?? "nothing"}, ordered by ${orderBy ?? "nothing"}`

const paused = (scheduled: boolean): string => (scheduled ? "" : ", paused")

const describePolicy = (policy: FoundPolicy): string | null =>
  policy && `after ${spanOf(policy.after, "no time")}${paused(policy.scheduled)}`

const describeRefresh = ({ end, every, scheduled, start }: FoundRefresh): string =>
  `from ${agoOf(start, "the beginning")} to ${agoOf(end, "the end")}, every ${spanOf(every, "unknown interval")}${paused(scheduled)}`

const warning = { severity: "warning" } as const

const compressionExpectations = (
  table: string,
  wanted: Hypertable["compression"],
  { compression, compressionPolicy }: FoundHypertable
): ReadonlyArray<Expectation> =>
  wanted === null
    ? []
    : [
        {
          ...warning,
          kind: "compression",
          object: `compression of ${table}`,
          wanted: describeCompression(wanted.segmentBy, wanted.orderBy),
          found: compression && describeCompression(compression.segmentBy, compression.orderBy),
          creation: { step: "compression", statements: [compressionStatement(table, wanted)] }
        },
        {
          ...warning,
          kind: "compression",
          object: `compression policy of ${table}`,
          wanted: `after ${wanted.after}`,
          found: describePolicy(compressionPolicy),
          creation: { step: "policy", statements: [compressionPolicyStatement(table, wanted)] }
        }
      ]

const hypertableExpectations = (table: TableName, { hypertables, tables }: Catalog): ReadonlyArray<Expectation> => {
  const wanted = baselineTables[table].hypertable
  if (wanted === undefined || tables[table] === undefined) return []
  const found = hypertables[table]
  // A repair never creates it, because converting a table alters it and moves its rows.
  const itself: Expectation = {
    ...warning,
    kind: "hypertable",
    object: `hypertable ${table}`,
    wanted: describeHypertable(wanted.timeColumn, wanted.chunk),
    found: found === undefined ? null : describeHypertable(found.timeColumn, spanOf(found.chunk, "no time"))
  }
  if (found === undefined) return [itself]
  const retention: Expectation = {
    ...warning,
    kind: "retention",
    object: `retention policy of ${table}`,
    wanted: `after ${wanted.dropAfter}`,
    found: describePolicy(found.retentionPolicy),
    creation: { step: "policy", statements: [retentionStatement(table, wanted)] }
  }
  return [itself, ...compressionExpectations(table, wanted.compression, found), retention]
}

const aggregateExpectations = (view: keyof typeof aggregates, catalog: Catalog): ReadonlyArray<Expectation> => {
  const { home, hypertables, others, owner, tables } = catalog
  const wanted = aggregates[view]
  const { end, every, start } = wanted.refresh
  const found = catalog.aggregates[view]
  // A missing table is created as a hypertable. A plain table cannot have continuous aggregates.
  const isPossible = tables["shares"] === undefined || hypertables["shares"] !== undefined
  const itself: Expectation = {
    ...warning,
    kind: "aggregate",
    object: `continuous aggregate ${view}`,
    wanted: wanted.definition,
    found: found === undefined ? (others[view] ?? null) : normalView(found.definition),
    ...(isPossible && home !== null
      ? { creation: { step: "aggregate", statements: aggregateStatements(view, wanted, home, owner) } }
      : {})
  }
  if (found === undefined) return [itself]
  const policy: Expectation = {
    ...warning,
    kind: "refresh",
    object: `refresh policy of ${view}`,
    wanted: `from ${start} ago to ${end} ago, every ${every}`,
    found: found.refresh && describeRefresh(found.refresh),
    creation: { step: "refresh", statements: [refreshStatement(view, wanted)] },
    isOptional: wanted.isRefreshOptional
  }
  return [itself, policy]
}

export const timescaleExpectations = (catalog: Catalog): ReadonlyArray<Expectation> => [
  ...Record.keys(baselineTables).flatMap((table) => hypertableExpectations(table, catalog)),
  ...Record.keys(aggregates).flatMap((view) => aggregateExpectations(view, catalog))
]
