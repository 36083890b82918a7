import { Config, Effect } from "effect"

/** Database defaults under which careless SQL changes meaning, fails, or prints differently. */
export const hostileDefaults = {
  default_transaction_isolation: "repeatable read",
  search_path: "",
  row_security: "off",
  quote_all_identifiers: "on",
  standard_conforming_strings: "off",
  transform_null_equals: "on",
  "plpgsql.variable_conflict": "use_column",
  IntervalStyle: "iso_8601",
  DateStyle: "SQL, DMY",
  TimeZone: "Asia/Kathmandu",
  bytea_output: "escape",
  extra_float_digits: "-15"
}

/** The statements that give a database these defaults. */
export const hostileStatements = (database: string): ReadonlyArray<string> =>
  Object.entries(hostileDefaults).map(([name, value]) => `ALTER DATABASE ${database} SET ${name} = '${value}'`)

/** Whether every database of this run gets them: `TBG_TEST_DATABASE_DEFAULTS=hostile`. */
export const isHostileRun = Config.String("TBG_TEST_DATABASE_DEFAULTS").pipe(
  Config.withDefault(""),
  Effect.map((defaults) => defaults === "hostile"),
  Effect.orDie
)
