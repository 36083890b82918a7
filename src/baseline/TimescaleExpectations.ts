import type { Catalog } from "./Catalog.ts"
import {
  aggregateStatement,
  compressionPolicyStatements,
  compressionStatements,
  refreshStatement,
  retentionStatement
} from "./TimescaleCreation.ts"
import { givenTo } from "./Creation.ts"
import { normalView } from "./Definition.ts"
import type { Expectation } from "./Expectation.ts"
import { intervalText } from "./Interval.ts"
import { aggregates, hypertables } from "./Timescale.ts"
import type { Aggregate, Hypertable } from "./Timescale.ts"

type FoundHypertable = Catalog["hypertables"][string]
type FoundAggregate = Catalog["aggregates"][string]
type FoundPolicy = FoundHypertable["retentionPolicy"]

const span = (seconds: number | null, otherwise: string): string =>
  seconds === null ? otherwise : intervalText(seconds)

const describeHypertable = ({ chunk, timeColumn }: Pick<FoundHypertable, "timeColumn" | "chunk">): string =>
  `a hypertable by ${timeColumn} in chunks of ${span(chunk, "no time")}`

const describeCompression = (settings: NonNullable<FoundHypertable["compression"]>): string =>
  `segmented by ${settings.segmentBy ?? "nothing"}, ordered by ${settings.orderBy ?? "nothing"}`

const paused = (scheduled: boolean): string => (scheduled ? "" : ", paused")

const describePolicy = (policy: FoundPolicy): string | null =>
  policy === null ? null : `after ${span(policy.after, "no time")}${paused(policy.scheduled)}`

const ago = (seconds: number | null, otherwise: string): string =>
  seconds === null ? otherwise : `${intervalText(seconds)} ago`

const describeRefresh = ({ end, every, scheduled, start }: NonNullable<FoundAggregate["refresh"]>): string =>
  `from ${ago(start, "the beginning")} to ${ago(end, "the end")}, every ${span(every, "so often")}${paused(scheduled)}`

const warning = { severity: "warning" } as const

const compressionExpectations = (
  table: string,
  wanted: Hypertable,
  found: FoundHypertable
): ReadonlyArray<Expectation> =>
  wanted.compression === null
    ? []
    : [
        {
          ...warning,
          kind: "compression",
          object: `compression of ${table}`,
          wanted: describeCompression(wanted.compression),
          found: found.compression === null ? null : describeCompression(found.compression),
          creation: { step: "compression", statements: compressionStatements(table, wanted) }
        },
        {
          ...warning,
          kind: "compression",
          object: `compression policy of ${table}`,
          wanted: `after ${intervalText(wanted.compression.after)}`,
          found: describePolicy(found.compressionPolicy),
          creation: { step: "policy", statements: compressionPolicyStatements(table, wanted) }
        }
      ]

const hypertableExpectations = (table: string, wanted: Hypertable, catalog: Catalog): ReadonlyArray<Expectation> => {
  if (catalog.tables[table] === undefined) return []
  const found = catalog.hypertables[table]
  const itself: Expectation = {
    ...warning,
    kind: "hypertable",
    object: `hypertable ${table}`,
    wanted: describeHypertable(wanted),
    found: found === undefined ? null : describeHypertable(found),
    // Making a hypertable of a table alters it, and moves its rows.
    creation: null
  }
  if (found === undefined) return [itself]
  const retention: Expectation = {
    ...warning,
    kind: "retention",
    object: `retention policy of ${table}`,
    wanted: `after ${intervalText(wanted.dropAfter)}`,
    found: describePolicy(found.retentionPolicy),
    creation: { step: "policy", statements: [retentionStatement(table, wanted)] }
  }
  return [itself, ...compressionExpectations(table, wanted, found), retention]
}

const aggregateExpectations = (view: string, wanted: Aggregate, catalog: Catalog): ReadonlyArray<Expectation> => {
  const { home, owner } = catalog
  const found = catalog.aggregates[view]
  // A missing table comes back as a hypertable; a plain one can have no aggregate.
  const isPossible = catalog.tables[wanted.over] === undefined || catalog.hypertables[wanted.over] !== undefined
  const refresh = refreshStatement(view, wanted)
  const itself: Expectation = {
    ...warning,
    kind: "aggregate",
    object: `continuous aggregate ${view}`,
    wanted: wanted.definition,
    found: found === undefined ? (catalog.others[view] ?? null) : normalView(found.definition),
    creation:
      isPossible && home !== null
        ? {
            step: "aggregate",
            statements: [
              aggregateStatement(view, wanted, home),
              ...givenTo(`MATERIALIZED VIEW ${home}${view}`, owner),
              refresh
            ]
          }
        : null
  }
  if (found === undefined) return [itself]
  const policy: Expectation = {
    ...warning,
    kind: "refresh",
    object: `refresh policy of ${view}`,
    wanted: describeRefresh({ ...wanted.refresh, scheduled: true }),
    found: found.refresh === null ? null : describeRefresh(found.refresh),
    creation: { step: "refresh", statements: [refresh] }
  }
  return [itself, wanted.refreshMayLack ? { ...policy, mayLack: true } : policy]
}

/** What the baseline wants of TimescaleDB, beside what is there. All of it can be done without, so all are warnings. */
export const timescaleExpectations = (catalog: Catalog): ReadonlyArray<Expectation> => [
  ...Object.entries(hypertables).flatMap(([table, wanted]) => hypertableExpectations(table, wanted, catalog)),
  ...Object.entries(aggregates).flatMap(([view, wanted]) => aggregateExpectations(view, wanted, catalog))
]
