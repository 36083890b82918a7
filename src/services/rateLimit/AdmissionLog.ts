import type { Answer, Policy } from "../../domain/RateLimit.ts"

/** The times of a key's admissions, oldest first: a ring, whose capacity is a power of two. */
interface Log {
  readonly key: string
  times: Float64Array
  first: number
  count: number
  /** Its neighbours in the order of their newest admissions. */
  older: Log | undefined
  newer: Log | undefined
}

const emptyLog = (key: string): Log => ({
  key,
  times: new Float64Array(4),
  first: 0,
  count: 0,
  older: undefined,
  newer: undefined
})

/**
 * The logs of one window. The order is a list of its own: a Map keeps one too, but walks over all that was deleted
 * since to find its first key.
 */
interface Logs {
  readonly byKey: Map<string, Log>
  oldest: Log | undefined
  newest: Log | undefined
}

const unlink = (logs: Logs, { newer, older }: Log): void => {
  if (older === undefined) logs.oldest = newer
  else older.newer = newer
  if (newer === undefined) logs.newest = older
  else newer.older = older
}

const append = (logs: Logs, log: Log): void => {
  log.older = logs.newest
  log.newer = undefined
  if (logs.newest === undefined) logs.oldest = log
  else logs.newest.newer = log
  logs.newest = log
}

const at = ({ first, times }: Log, index: number): number => times[(first + index) & (times.length - 1)] ?? 0

const newestOf = (log: Log): number => (log.count === 0 ? 0 : at(log, log.count - 1))

const grown = (log: Log): Float64Array => {
  const times = new Float64Array(log.times.length * 2)
  for (let index = 0; index < log.count; index++) times[index] = at(log, index)
  return times
}

const push = (log: Log, time: number): void => {
  if (log.count === log.times.length) {
    log.times = grown(log)
    log.first = 0
  }
  log.times[(log.first + log.count) & (log.times.length - 1)] = time
  log.count += 1
}

const expire = (log: Log, horizon: number): void => {
  if (newestOf(log) <= horizon) log.count = 0
  while (log.count > 0 && at(log, 0) <= horizon) {
    log.first = (log.first + 1) & (log.times.length - 1)
    log.count -= 1
  }
}

/** The log as if `count` requests asked at `clock`, in microseconds; the same as the script that runs in Redis. */
const ask = (log: Log, { cost, limit, windowMicros }: Policy, count: number, clock: number): Answer => {
  // A clock that was put back must not bring places back that are taken; but by more than a window it was wrong before.
  if (newestOf(log) > clock + windowMicros) log.count = 0
  const now = Math.max(clock, newestOf(log))
  expire(log, now - windowMicros)
  const used = log.count
  const admitted = Math.max(0, Math.min(count, Math.floor((limit - used) / cost)))
  for (let left = admitted * cost; left > 0; left--) push(log, now)
  const isDenied = admitted < count
  return {
    used,
    admitted,
    resetMicros: log.count === 0 ? 0 : newestOf(log) + windowMicros - clock,
    retryMicros: isDenied ? at(log, log.count + cost - limit - 1) + windowMicros - clock : 0
  }
}

/**
 * Logs of admissions in this process, for at most `maxKeys` keys: where there are more, those that have expired go
 * first, then the one that was admitted longest ago. A key that is denied keeps its place in that order.
 */
export const makeAdmissionLogs = (maxKeys: number) => {
  // Each window has its own, so that the first key is always the first to expire.
  const byWindow = new Map<number, Logs>()
  let size = 0

  const logsOf = (windowMicros: number): Logs => {
    const known = byWindow.get(windowMicros)
    if (known !== undefined) return known
    const logs: Logs = { byKey: new Map(), oldest: undefined, newest: undefined }
    byWindow.set(windowMicros, logs)
    return logs
  }

  const remove = (logs: Logs, log: Log): void => {
    unlink(logs, log)
    logs.byKey.delete(log.key)
    size -= 1
  }

  /** Two for each that may be added, so that what has expired does not pile up. */
  const removeExpired = (now: number): void => {
    for (const [windowMicros, logs] of byWindow) {
      for (let left = 2; left > 0; left--) {
        const { oldest } = logs
        if (oldest === undefined || newestOf(oldest) > now - windowMicros) break
        remove(logs, oldest)
      }
    }
  }

  const removeOldest = (): void => {
    let found: Logs | undefined
    for (const logs of byWindow.values()) {
      if (logs.oldest === undefined) continue
      if (found?.oldest === undefined || newestOf(logs.oldest) < newestOf(found.oldest)) found = logs
    }
    if (found?.oldest !== undefined) remove(found, found.oldest)
  }

  return {
    /** How many keys are remembered. */
    size: (): number => size,

    ask: (key: string, policy: Policy, count: number, now: number): Answer => {
      removeExpired(now)
      const logs = logsOf(policy.windowMicros)
      const known = logs.byKey.get(key)
      const log = known ?? emptyLog(key)
      const answer = ask(log, policy, count, now)
      if (answer.admitted === 0) return answer
      if (known === undefined) {
        if (size >= maxKeys) removeOldest()
        logs.byKey.set(key, log)
        size += 1
      } else unlink(logs, log)
      append(logs, log)
      return answer
    },

    reset: (key: string): void => {
      for (const logs of byWindow.values()) {
        const log = logs.byKey.get(key)
        if (log !== undefined) remove(logs, log)
      }
    }
  }
}
