import type { Answer, Policy } from "../../domain/RateLimit.ts"

/** Ring buffer of a key's admission times, oldest first. Its capacity is a power of two. */
interface Log {
  readonly key: string
  times: Float64Array
  first: number
  count: number
  /** Neighbors in the order of their newest admissions. */
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

/** Logs of one window length, in a linked list, because a Map scans deleted entries to find its first key. */
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

const doubled = (log: Log): Float64Array => {
  const times = new Float64Array(log.times.length * 2)
  for (let index = 0; index < log.count; index++) times[index] = at(log, index)
  return times
}

const push = (log: Log, time: number): void => {
  if (log.count === log.times.length) {
    log.times = doubled(log)
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

/** Admits up to `count` requests at `clock`, in microseconds, by the same rules as the script that runs in Redis. */
const ask = (log: Log, { limit, windowMicros }: Policy, count: number, clock: number): Answer => {
  // A clock set back by at most a window must not free capacity early. If it went back further, it was wrong before.
  if (newestOf(log) > clock + windowMicros) log.count = 0
  const now = Math.max(clock, newestOf(log))
  expire(log, now - windowMicros)
  const used = log.count
  const admitted = Math.max(0, Math.min(count, limit - used))
  for (let left = admitted; left > 0; left--) push(log, now)
  return {
    used,
    admitted,
    resetMicros: log.count === 0 ? 0 : newestOf(log) + windowMicros - clock,
    retryMicros: admitted < count ? at(log, log.count - limit) + windowMicros - clock : 0
  }
}

/**
 * Logs of admissions in this process, for at most `maxKeys` keys. Expired keys are removed first, then the key whose
 * latest admission is the oldest. A denied request does not change that order.
 */
export const makeAdmissionLogs = (maxKeys: number) => {
  // Grouped by window length, so that the oldest key is the first to expire.
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

  /** Removes up to two expired keys per window. It runs whenever a key may be added, so they do not accumulate. */
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
    /** Number of keys. */
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
    }
  }
}
