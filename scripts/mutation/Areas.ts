/** Code to change, and the tests that must detect the changes. */
export interface Area {
  readonly mutate: ReadonlyArray<string>
  /** Patterns of test files, without server and process tests, so that a change takes about a second. */
  readonly tests: ReadonlyArray<string>
}

const files = (folder: string, names: ReadonlyArray<string>) => names.map((name) => `${folder}/${name}.ts`)
const middleware = (...names: ReadonlyArray<string>) => files("src/http/middleware", names)
const baseline = (...names: ReadonlyArray<string>) => files("src/baseline", names)

/** Code whose faults would do the most damage. */
export const areas = {
  limiter: {
    mutate: [
      ...files("src/domain", ["RateLimit"]),
      ...files("src/services", ["RateLimiter"]),
      ...files("src/services/rateLimit", ["AdmissionLog", "Batcher", "Breaker"])
    ],
    tests: [
      "test/services/{AdmissionLog,Batcher,BatcherTrace,Breaker,RateLimiter,RateLimiterFallback,RateLimiterInProcess,RateLimiterRead}.test.ts",
      "test/domain/RateLimit.test.ts"
    ]
  },
  baseline: {
    mutate: baseline(
      "Difference",
      "Definition",
      "TableExpectations",
      "TimescaleExpectations",
      "Expectations",
      "Verdict"
    ),
    tests: ["test/baseline/*.test.ts"]
  },
  admission: {
    mutate: files("src/http", ["Admission"]),
    tests: ["test/http/Admission.test.ts"]
  },
  errors: {
    mutate: middleware("ErrorOfCause", "ErrorResponse", "Negotiation"),
    tests: [
      "test/http/middleware/{ErrorOfCause,ErrorResponse,Negotiation}.test.ts",
      "test/http/{ErrorMatrix,ErrorPages,Body,PostsInvalid,UnknownParameters,OpenApiCommitted}.test.ts"
    ]
  },
  authorization: {
    mutate: [
      ...middleware("Authorization", "Callers"),
      ...files("src/services", ["ApiKeys"]),
      ...files("src/services/apiKeys", ["Token"])
    ],
    tests: [
      "test/services/{ApiKeys,ApiKeyCache,Token}.test.ts",
      "test/http/{FailedKeys,EveryTeamEndpoint,Limits,PostsLimits}.test.ts"
    ]
  }
} satisfies Record<string, Area>
