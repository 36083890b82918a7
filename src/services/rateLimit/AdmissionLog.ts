import type { Answer, Policy } from "../../domain/RateLimit.ts"

/** The times of a key's admissions, oldest first: a ring, whose capacity is a power of two. */
interface Log {
  times: Float64Array
  first: number
  count: number
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
  while (log.count > 0 && at(log, 0) <= horizon) {
    log.first = (log.first + 1) & (log.times.length - 1)
    log.count -= 1
  }
}

/** The log as if `count` requests asked at `clock`, in microseconds; the same as the script that runs in Redis. */
const ask = (log: Log, { cost, limit, windowMicros }: Policy, count: number, clock: number): Answer => {
  // A clock that was put back must not bring places back that are taken.
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
  const byWindow = new Map<number, Map<string, Log>>()
  let size = 0

  const logsOf = (windowMicros: number): Map<string, Log> => {
    const known = byWindow.get(windowMicros)
    if (known !== undefined) return known
    const logs = new Map<string, Log>()
    byWindow.set(windowMicros, logs)
    return logs
  }

  const removeFirst = (logs: Map<string, Log>, isDue: (log: Log) => boolean): boolean => {
    for (const [key, log] of logs) {
      if (!isDue(log)) return false
      size -= 1
      return logs.delete(key)
    }
    return false
  }

  /** Two for each that may be added, so that what has expired does not pile up. */
  const removeExpired = (now: number): void => {
    for (const [windowMicros, logs] of byWindow) {
      const isExpired = (log: Log) => newestOf(log) <= now - windowMicros
      if (removeFirst(logs, isExpired)) removeFirst(logs, isExpired)
    }
  }

  const removeOldest = (): void => {
    let oldest: Map<string, Log> | undefined
    let since = Number.POSITIVE_INFINITY
    for (const logs of byWindow.values()) {
      for (const log of logs.values()) {
        if (newestOf(log) < since) [oldest, since] = [logs, newestOf(log)]
        break
      }
    }
    if (oldest !== undefined) removeFirst(oldest, () => true)
  }

  return {
    /** How many keys are remembered. */
    size: (): number => size,

    ask: (key: string, policy: Policy, count: number, now: number): Answer => {
      removeExpired(now)
      const logs = logsOf(policy.windowMicros)
      const known = logs.get(key)
      const log = known ?? { times: new Float64Array(4), first: 0, count: 0 }
      const answer = ask(log, policy, count, now)
      if (answer.admitted === 0) return answer
      if (known === undefined) {
        if (size >= maxKeys) removeOldest()
        size += 1
      } else logs.delete(key)
      logs.set(key, log)
      return answer
    },

    reset: (key: string): void => {
      for (const logs of byWindow.values()) if (logs.delete(key)) size -= 1
    }
  }
}

export type AdmissionLogs = ReturnType<typeof makeAdmissionLogs>
