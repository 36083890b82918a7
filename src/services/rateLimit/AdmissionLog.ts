import type { Answer, Policy } from "../../domain/RateLimit.ts"

/** Admission times of a key, oldest first. */
interface Log {
  readonly key: string
  readonly times: Array<number>
  /** Number of expired times at the start of `times`. */
  expiredCount: number
  /** Neighbors in the order of their newest admissions. */
  older: Log | undefined
  newer: Log | undefined
}

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

const newestOf = ({ times }: Log): number => times.at(-1) ?? 0

const clear = (log: Log): void => {
  log.times.length = 0
  log.expiredCount = 0
}

const expire = (log: Log, horizon: number): void => {
  if (newestOf(log) <= horizon) return clear(log)
  while ((log.times[log.expiredCount] ?? Infinity) <= horizon) log.expiredCount += 1
  // In bulk, because removing from the start of an array moves the rest.
  if (log.expiredCount < log.times.length / 2) return
  log.times.splice(0, log.expiredCount)
  log.expiredCount = 0
}

/** Admits up to `count` requests at `clock`, in microseconds, by the same rules as the script that runs in Redis. */
const ask = (log: Log, { limit, windowMicros }: Policy, count: number, clock: number): Answer => {
  const { times } = log
  // A clock set back by at most a window must not free capacity early. If it went back further, it was wrong before.
  if (newestOf(log) > clock + windowMicros) clear(log)
  const now = Math.max(clock, newestOf(log))
  expire(log, now - windowMicros)
  const used = times.length - log.expiredCount
  const admitted = Math.max(0, Math.min(count, limit - used))
  for (let left = admitted; left > 0; left--) times.push(now)
  return {
    used,
    admitted,
    resetMicros: times.length === 0 ? 0 : newestOf(log) + windowMicros - clock,
    retryMicros: admitted < count ? (times.at(-limit) ?? 0) + windowMicros - clock : 0
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
    size: (): number => size,

    ask: (key: string, policy: Policy, count: number, now: number): Answer => {
      removeExpired(now)
      const logs = logsOf(policy.windowMicros)
      const known = logs.byKey.get(key)
      const log = known ?? { key, times: [], expiredCount: 0, older: undefined, newer: undefined }
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
