import { Context, Effect, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { Account, AccountId } from "../../domain/Account.ts"
import type { AccountChanges } from "../../domain/Account.ts"
import { Ids } from "../Ids.ts"
import { reads } from "../Reads.ts"
import { writes } from "../Writes.ts"

const Row = Schema.Struct({
  id: AccountId,
  addresses: Schema.Array(Schema.String),
  display_name: Account.fields.displayName,
  country_code: Account.fields.countryCode,
  is_public: Schema.Boolean,
  created_at: Schema.DateTimeUtcFromDate
})
const decodeAccount = Schema.decodeUnknownEffect(Schema.Tuple([Row]))
const decodeOwners = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ account_id: AccountId })))
const decodeAddresses = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ address: Schema.String })))

const accountOf = (row: typeof Row.Type): Account => ({
  id: row.id,
  addresses: row.addresses,
  displayName: row.display_name,
  countryCode: row.country_code,
  isPublic: row.is_public,
  createdAt: row.created_at
})

/** Whether another transaction linked the address first. A repeated transaction finds its account. */
export const isAddressRace = ({ reason }: SqlError): boolean =>
  reason._tag === "UniqueViolation" && reason.constraint === "account_addresses_pkey"

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const write = yield* writes
  const { next, now } = yield* Ids

  const ofAddress = Effect.fn("Accounts.ofAddress")(function* (address: string) {
    const { at, id } = yield* next
    const [owner] = yield* sql`
      WITH existing AS (SELECT account_id FROM tbg_api.account_addresses WHERE address = ${address}),
      created AS (
        INSERT INTO tbg_api.accounts (id, created_at, updated_at)
        SELECT ${id}::uuid, ${at}::timestamptz, ${at}::timestamptz WHERE NOT EXISTS (SELECT FROM existing)
        RETURNING id
      ),
      linked AS (
        INSERT INTO tbg_api.account_addresses (address, account_id, created_at)
        SELECT ${address}, id, ${at}::timestamptz FROM created RETURNING account_id
      )
      SELECT account_id FROM existing UNION ALL SELECT account_id FROM linked`.pipe(
      write,
      Effect.flatMap((rows) => Effect.orDie(decodeOwners(rows)))
    )
    return owner === undefined ? yield* Effect.die("an account was neither found nor created") : owner.account_id
  })

  const ownerOf = Effect.fn("Accounts.ownerOf")(function* (address: string) {
    const [owner] = yield* sql`
      SELECT account_id FROM tbg_api.account_addresses WHERE address = ${address}`.pipe(
      long,
      Effect.flatMap(decodeOwners),
      Effect.orDie
    )
    return Option.map(Option.fromUndefinedOr(owner), ({ account_id }) => account_id)
  })

  const find = Effect.fn("Accounts.find")(function* (id: AccountId) {
    const [row] = yield* sql`
      SELECT id, display_name, country_code, is_public, created_at, ARRAY(
        SELECT address FROM tbg_api.account_addresses WHERE account_id = ${id} ORDER BY created_at, address
      ) AS addresses
      FROM tbg_api.accounts WHERE id = ${id}`.pipe(long, Effect.flatMap(decodeAccount), Effect.orDie)
    return accountOf(row)
  })

  const addressesOf = Effect.fn("Accounts.addressesOf")(function* (id: AccountId) {
    const rows = yield* sql`
      SELECT address FROM tbg_api.account_addresses WHERE account_id = ${id} ORDER BY created_at, address`.pipe(
      short,
      Effect.flatMap(decodeAddresses),
      Effect.orDie
    )
    return rows.map(({ address }) => address)
  })

  const update = Effect.fn("Accounts.update")(function* (
    id: AccountId,
    { countryCode, displayName, isPublic }: AccountChanges
  ) {
    const changes = {
      ...(displayName === undefined ? {} : { display_name: displayName }),
      ...(countryCode === undefined ? {} : { country_code: countryCode }),
      ...(isPublic === undefined ? {} : { is_public: isPublic }),
      updated_at: yield* now
    }
    yield* sql`UPDATE tbg_api.accounts SET ${sql.update(changes)} WHERE id = ${id}`.pipe(write, Effect.orDie)
    return yield* find(id)
  })

  const addAddress = Effect.fn("Accounts.addAddress")(function* (id: AccountId, address: string) {
    const added = yield* write(sql`
      INSERT INTO tbg_api.account_addresses (address, account_id, created_at)
      VALUES (${address}, ${id}, ${yield* now}) ON CONFLICT (address) DO NOTHING RETURNING address`)
    if (added.length > 0) return true
    const owned = yield* sql`
      SELECT address FROM tbg_api.account_addresses WHERE address = ${address} AND account_id = ${id}`
    return owned.length > 0
  })

  return { ofAddress, ownerOf, find, addressesOf, update, addAddress }
})

/** Accounts of players. Only a signature links an address to one; mining to an address proves nothing. */
export class Accounts extends Context.Service<
  Accounts,
  {
    /** Returns the account of a proven address, and creates it on the first sign-in. See `isAddressRace`. */
    readonly ofAddress: (address: string) => Effect.Effect<AccountId, SqlError>
    readonly find: (id: AccountId) => Effect.Effect<Account>
    /** Canonical addresses of an account, oldest proof first. */
    readonly addressesOf: (id: AccountId) => Effect.Effect<ReadonlyArray<string>>
    /** Returns the account that has proven a canonical address. */
    readonly ownerOf: (address: string) => Effect.Effect<Option.Option<AccountId>>
    readonly update: (id: AccountId, changes: AccountChanges) => Effect.Effect<Account>
    /** Adds a proven address. False if it belongs to another account. */
    readonly addAddress: (id: AccountId, address: string) => Effect.Effect<boolean, SqlError>
  }
>()("tbg-api/services/auth/Accounts") {
  static readonly layer = Layer.effect(Accounts, make)
}
