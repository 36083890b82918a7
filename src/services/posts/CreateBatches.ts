import { Deferred, Effect, Option, Queue, Schema } from "effect"
import type { Context } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { PostText } from "../../domain/Post.ts"
import { sqlStateOf } from "../../domain/SqlState.ts"
import type { TeamId } from "../../domain/Team.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import { writes } from "../Writes.ts"

interface NewPost {
  readonly team: TeamId
  readonly id: string
  readonly at: Timestamp
  readonly text: PostText
}

interface PendingPost extends NewPost {
  /** Context of the caller, for its trace. */
  readonly context: Context.Context<never>
  readonly isCreated: Deferred.Deferred<boolean, SqlError>
}

/** Maximum number of concurrent statements. */
const maxStatements = 8
/** Maximum number of posts in a statement. */
const maxPosts = 100

const rowOf = ({ at, id, text }: NewPost) => ({ id, at, ...text })

const batchOf = (posts: ReadonlyArray<NewPost>): string => {
  const teams = Map.groupBy(posts, ({ team }) => team)
  return JSON.stringify(Object.fromEntries([...teams].map(([team, own]) => [team, own.map(rowOf)])))
}

/** SQLSTATE classes 22 (data exception), 23 (constraint violation) and 42 (missing right or function). */
const isRefused = ({ reason }: SqlError): boolean => /^(?:22|23|42)/.test(sqlStateOf(reason.cause))

const decodeDone = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ done: Schema.Boolean })]))
/** Result of a function that reports whether it changed something. */
export const doneOf = (rows: ReadonlyArray<unknown>) => Effect.orDie(Effect.map(decodeDone(rows), ([{ done }]) => done))

const decodeCreated = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: Schema.String })))

/**
 * Creates a post; returns `false` if its parent does not exist in its team. Posts that arrive while others are being
 * committed share a statement and a commit. A post in a transaction has its own statement.
 */
export const makeCreate = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const write = yield* writes

  const createOne = ({ at, id, team, text: { author_name, content, parent_post_id, tags } }: NewPost) =>
    write(sql`
      SELECT tbg_api.tbg_api_create_post(
        ${team}, ${id}, ${at}, ${author_name}, ${content}, ${tags}, ${parent_post_id}
      ) AS done`).pipe(Effect.flatMap(doneOf))

  const createTogether = Effect.fnUntraced(function* (posts: ReadonlyArray<PendingPost>) {
    const rows = yield* write(sql`SELECT * FROM tbg_api.tbg_api_create_posts(${batchOf(posts)}) AS id`)
    const created = new Set((yield* Effect.orDie(decodeCreated(rows))).map(({ id }) => id))
    for (const { id, isCreated } of posts) Deferred.doneUnsafe(isCreated, Effect.succeed(created.has(id)))
  })

  const createAlone = (post: PendingPost) =>
    Deferred.isDoneUnsafe(post.isCreated) ? Effect.void : Deferred.into(createOne(post), post.isCreated)

  const createAll = (posts: ReadonlyArray<PendingPost>): Effect.Effect<unknown> =>
    createTogether(posts).pipe(
      Effect.catch((error) => (isRefused(error) ? Effect.forEach(posts, createAlone) : Effect.fail(error))),
      Effect.catchCause((cause) => Effect.forEach(posts, ({ isCreated }) => Deferred.failCause(isCreated, cause)))
    )

  const queue = yield* Queue.unbounded<PendingPost>()
  const createNext = Queue.takeBetween(queue, 1, maxPosts).pipe(
    Effect.flatMap((taken) => {
      // An interrupted caller has stopped waiting.
      const posts = taken.filter(({ isCreated }) => !Deferred.isDoneUnsafe(isCreated))
      const [first, ...others] = posts
      if (first === undefined) return Effect.void
      return Effect.provide(others.length === 0 ? createAlone(first) : createAll(posts), first.context)
    })
  )
  yield* Effect.forkScoped(
    Effect.all(
      Array.from({ length: maxStatements }, () => Effect.forever(createNext)),
      { concurrency: "unbounded" }
    )
  )

  const createQueued = Effect.fnUntraced(function* (post: NewPost) {
    const isCreated = yield* Deferred.make<boolean, SqlError>()
    yield* Queue.offer(queue, { ...post, isCreated, context: yield* Effect.context() })
    return yield* Effect.onInterrupt(Deferred.await(isCreated), () => Deferred.interrupt(isCreated))
  })

  return (post: NewPost): Effect.Effect<boolean, SqlError> =>
    Effect.flatMap(Effect.serviceOption(sql.transactionService), (transaction) =>
      Option.isSome(transaction) ? createOne(post) : createQueued(post)
    )
})
