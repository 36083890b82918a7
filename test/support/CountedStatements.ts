import { Effect, Tracer } from "effect"

/** Statements that an effect runs, with `sql.transaction` for each transaction. */
export const countedStatements = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const result = yield* Effect.withTracer(effect, tracer)
  const statements = spans.flatMap(({ attributes, name }) => {
    if (name === "sql.transaction") return [name]
    const text = attributes.get("db.query.text")
    return typeof text === "string" ? [text.replaceAll(/\s+/gu, " ").trim()] : []
  })
  return { result, statements }
})
