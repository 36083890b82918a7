import { assert, describe, it } from "@effect/vitest"
import { intervalText, normalDefault, normalIndex, normalView } from "../../src/baseline/Definition.ts"

describe("a normalized default", () => {
  it.each([
    [null, null],
    ["'hosted'::character varying", "'hosted'"],
    ["'hosted'::text", "'hosted'"],
    ["'hosted'::character varying(16)", "'hosted'"],
    ["'it''s'::text", "'it''s'"],
    ["''::character varying", "''"],
    ["'0'::bigint", "0"],
    ["(0)::bigint", "0"],
    ["(-1)::numeric", "-1"],
    ["'0.5'::double precision", "0.5"],
    ["false", "false"],
    ["now()", "now()"],
    ["CURRENT_TIMESTAMP", "now()"],
    ["pg_catalog.now()", "now()"],
    ["(now() + '1 day'::interval)", "(now() + '1 day'::interval)"],
    ["('a'::text || 'b'::text)", "('a'::text || 'b'::text)"],
    ["nextval('users_id_seq'::regclass)", "nextval('users_id_seq'::regclass)"]
  ])("of %s is %s", (expression, expected) => assert.strictEqual(normalDefault(expression), expected))
})

describe("a normalized index", () => {
  it.each([
    ["CREATE INDEX a ON t USING btree (x)", "CREATE INDEX ON t USING btree (x)"],
    ["CREATE UNIQUE INDEX a ON ONLY t USING btree (x)", "CREATE UNIQUE INDEX ON t USING btree (x)"],
    [`CREATE INDEX "a ""b"" ON c" ON t USING btree (x)`, "CREATE INDEX ON t USING btree (x)"],
    [
      "CREATE INDEX a ON t USING btree (x) WITH (fillfactor='70') WHERE (y = true)",
      "CREATE INDEX ON t USING btree (x) WHERE (y = true)"
    ]
  ])("of %s has no name and no storage parameters", (definition, expected) =>
    assert.strictEqual(normalIndex(definition), expected)
  )
})

describe("a normalized view", () => {
  const normal = `SELECT time_bucket('1 day'::interval, "time") AS bucket, count(*) AS n FROM shares GROUP BY "time"`

  it.each([
    `SELECT time_bucket('1 day'::interval, shares."time") AS bucket,\n    count(*) AS n\n   FROM shares\n  GROUP BY shares."time";`,
    ` SELECT public.time_bucket('1 day'::interval, "time") AS bucket,\n    count(*) AS n\n   FROM shares\n  GROUP BY "time";`
  ])("is one line, whichever Postgres version printed it", (definition) =>
    assert.strictEqual(normalView(definition), normal)
  )
})

describe("a normalized interval", () => {
  it.each([
    [90 * 86_400, "90 days"],
    [86_400, "1 day"],
    [12 * 3600, "12 hours"],
    [36 * 3600, "36 hours"],
    [5400, "90 minutes"],
    [1.5, "1.5 seconds"],
    [0, "0 seconds"]
  ])("of %d seconds is %s", (seconds, text) => assert.strictEqual(intervalText(seconds), text))
})
