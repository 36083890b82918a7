import { assert, describe, it } from "@effect/vitest"
import { incompatible, isBreakingVersion } from "../../scripts/openapi/Incompatible.ts"

const note = {
  type: "object",
  properties: {
    id: { type: "integer" },
    text: { type: "string" },
    kind: { type: "string", enum: ["long", "short"] },
    tags: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] }
  },
  required: ["id", "text", "kind"]
}

const newNote = {
  type: "object",
  properties: { text: { type: "string", allOf: [{ minLength: 1 }, { maxLength: 9 }] }, tags: { type: "string" } },
  required: ["text"],
  additionalProperties: false
}

const refusal = { type: "object", properties: { code: { type: "string", enum: ["GONE"] } }, required: ["code"] }

const jsonOf = (schema: object) => ({ "application/json": { schema } })
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

interface Parts {
  readonly body?: object
  readonly credential?: ReadonlyArray<object>
  readonly failure?: object
  readonly headers?: object
  readonly parameters?: ReadonlyArray<object>
  readonly method?: string
  readonly path?: string
  readonly success?: object
  readonly status?: string
  readonly version?: string
}

const limit = { name: "limit", in: "query", required: false, schema: { type: "string", pattern: "^a$" } }

/** A small contract with some parts replaced. */
const documentOf = ({
  body = newNote,
  credential = [],
  failure = refusal,
  headers = { ETag: { required: true } },
  parameters = [limit],
  method = "post",
  path = "/notes",
  success = note,
  status = "201",
  version = "0.1.0"
}: Parts = {}) => ({
  info: { version },
  paths: {
    [path]: {
      [method]: {
        parameters,
        security: credential,
        requestBody: { required: true, content: jsonOf(reference("NewNote")) },
        responses: {
          [status]: { headers, content: jsonOf(reference("Note")) },
          410: { content: jsonOf(reference("Refusal")) }
        }
      }
    }
  },
  components: { schemas: { Note: success, NewNote: body, Refusal: failure } }
})

const noteWith = (properties: object, required = note.required) => ({
  ...note,
  properties: { ...note.properties, ...properties },
  required
})
const { text: _, ...textless } = note.properties
const { tags: __, ...tagless } = note.properties

const breaking: ReadonlyArray<[string, Parts, string]> = [
  ["a path that is gone", { path: "/others" }, "POST /notes: removed"],
  ["a method that is gone", { method: "put" }, "POST /notes: removed"],
  ["a success that is gone", { status: "200" }, "POST /notes: 201: response removed"],
  [
    "a required member of answers that is gone",
    { success: { ...note, properties: textless, required: ["id", "kind"] } },
    "POST /notes: 201.text: may be missing now"
  ],
  [
    "an optional member of answers that is gone",
    { success: { ...note, properties: tagless } },
    "POST /notes: 201.tags: may be missing now"
  ],
  [
    "a member of answers that became optional",
    { success: noteWith({}, ["id", "kind"]) },
    "POST /notes: 201.text: may be missing now"
  ],
  [
    "a member of answers of another type",
    { success: noteWith({ id: { type: "string" } }) },
    "POST /notes: 201.id: different type"
  ],
  [
    "a member of answers that may be null",
    { success: noteWith({ text: { anyOf: [{ type: "string" }, { type: "null" }] } }) },
    "POST /notes: 201.text: different type"
  ],
  [
    "a new word in an answer",
    { success: noteWith({ kind: { type: "string", enum: ["long", "short", "odd"] } }) },
    "POST /notes: 201.kind: different values"
  ],
  [
    "items of another type",
    { success: noteWith({ tags: { type: "array", items: { type: "number" } } }) },
    "POST /notes: 201.tags[]: different type"
  ],
  ["a header of answers that is gone", { headers: {} }, "POST /notes: 201: header ETag: may be missing now"],
  [
    "a member of failures that is gone",
    { failure: { ...refusal, required: [] } },
    "POST /notes: 410.code: may be missing now"
  ],
  [
    "a new required member of a body",
    { body: { ...newNote, required: ["text", "tags"] } },
    "POST /notes: body.tags: required now"
  ],
  [
    "a member of a body that is not accepted any more",
    { body: { ...newNote, properties: { text: newNote.properties.text } } },
    "POST /notes: body.tags: rejected"
  ],
  [
    "a new required parameter",
    { parameters: [{ name: "team", in: "query", required: true, schema: {} }] },
    "POST /notes: query team: required now"
  ],
  [
    "a tighter bound of a body",
    {
      body: {
        ...newNote,
        properties: { ...newNote.properties, text: { type: "string", allOf: [{ minLength: 2 }, { maxLength: 9 }] } }
      }
    },
    "POST /notes: body.text: tighter minLength"
  ],
  [
    "another pattern of a parameter",
    { parameters: [{ name: "limit", in: "query", required: false, schema: { type: "string", pattern: "^b$" } }] },
    "POST /notes: query limit: tighter pattern"
  ],
  ["a credential that was not wanted", { credential: [{ key: [] }] }, "POST /notes: different credential"]
]

const compatible: ReadonlyArray<[string, Parts]> = [
  ["a new member of answers", { success: noteWith({ more: { type: "string" } }) }],
  ["a member of answers that is always there", { success: noteWith({}, ["id", "text", "kind", "tags"]) }],
  ["an answer with fewer words", { success: noteWith({ kind: { type: "string", enum: ["long"] } }) }],
  [
    "a new word in a failure",
    { failure: { ...refusal, properties: { code: { type: "string", enum: ["GONE", "LOST"] } } } }
  ],
  ["a body whose member may be absent", { body: { ...newNote, required: [] } }],
  [
    "a wider bound of a body",
    {
      body: {
        ...newNote,
        properties: { ...newNote.properties, text: { type: "string", allOf: [{ minLength: 1 }, { maxLength: 99 }] } }
      }
    }
  ],
  [
    "a new optional parameter",
    { parameters: [{ name: "after", in: "query", required: false, schema: { type: "string" } }] }
  ]
]

describe("the contract comparison", () => {
  it.each(breaking)("reports %s", (_name, change, line) => {
    assert.deepStrictEqual(incompatible(documentOf(), documentOf(change)), [line])
  })

  it.each(compatible)("accepts %s", (_name, change) => {
    assert.deepStrictEqual(incompatible(documentOf(), documentOf(change)), [])
  })

  it.each([
    ["0.1.0", "0.2.0", true],
    ["0.1.0", "0.1.1", false],
    ["0.9.0", "1.0.0", true],
    ["1.2.0", "1.3.0", false],
    ["1.2.0", "2.0.0", true]
  ])("classifies %s with %s as breaking: %s", (before, now, expected) => {
    assert.strictEqual(isBreakingVersion(documentOf({ version: before }), documentOf({ version: now })), expected)
  })
})
