const address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
const worker = "rig1"

/** An event of each type, for the OpenAPI document. */
export const examples = {
  share: {
    type: "share",
    address,
    worker,
    at: "2026-01-10T12:34:56.789012Z",
    difficulty: 6672,
    reached: 10_240.75
  },
  worker: { type: "worker", address, worker, state: "connected", at: "2026-01-10T12:30:00.000000Z" },
  best: {
    type: "best",
    address,
    worker,
    difficulty: 694_365_556.35,
    previous: 82_113_007.5,
    at: "2026-01-07T02:44:10.100000Z"
  },
  block: {
    type: "block",
    id: 7,
    height: 931_860,
    hash: null,
    address,
    worker,
    difficulty: 148_258_434_855_481,
    at: "2026-01-10T12:20:11.000000Z"
  },
  network: {
    type: "network",
    height: 931_861,
    hash: "00000000000000000001f2b4d1e8e0a6c5b3a29187f6d5c4b3a2918070605040",
    difficulty: 148_258_434_855_481,
    at: "2026-01-10T12:31:02.000000Z"
  },
  summary: {
    type: "summary",
    topic: "mining",
    state: { status: "stale", lag_ms: 6200, as_of: "2026-01-10T12:34:51.800000Z" }
  },
  board: {
    type: "board",
    board: "difficulty",
    week: "2026-W02",
    entries: [
      {
        rank: 1,
        rank_change: 2,
        name: "Hal",
        address,
        value: 694_365_556.35,
        at: "2026-01-07T02:44:10.100000Z",
        shares: 25_340
      }
    ],
    total: 87
  },
  gap: { type: "gap", dropped: 12 },
  reset: { type: "reset", reason: "too_old" },
  bye: { type: "bye", reason: "draining", reconnect_ms: 1500 }
} as const
