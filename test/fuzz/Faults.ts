/** Text that no error body may contain: stack traces and messages of libraries. */
const inside = /\n\s+at |node:|\.ts:\d|ECONN|SqlError|postgres(?:ql)?:\/\/|tbg_[\da-z]+_/u

const isBodiless = (status: number): boolean => status < 200 || status === 204 || status === 304

const bodyFaults = (status: number, type: string, body: string): ReadonlyArray<string> => {
  if (body === "") return ["an empty body where one is due"]
  if (status >= 400 && inside.test(body)) return [`a body that tells of the inside: ${body.slice(0, 200)}`]
  if (!/^application\/(?:problem\+)?json$/u.test(type)) {
    return /^text\/(?:plain|html|javascript|css)/u.test(type) ? [] : [`a body of type ${type}`]
  }
  try {
    JSON.parse(Buffer.from(body, "latin1").toString("utf8"))
    return []
  } catch {
    return [`no JSON: ${body.slice(0, 200)}`]
  }
}

/** Whether there is a response other than interim ones such as `100 Continue`. */
export const isFinal = (answer: string | undefined): boolean =>
  answer !== undefined && /^HTTP\/1\.1 [2-9]/mu.test(answer)

/**
 * Problems of a server's response to bytes: a 5xx status; a body that is missing, does not match its type or reveals
 * internals; or an invalid response. Incomplete requests may get no response.
 */
export const faultsIn = (sent: string, answer: string | undefined): ReadonlyArray<string> => {
  if (answer === undefined) return ["no end of the connection"]
  const faults: Array<string> = []
  let rest = answer
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n")
    const [head, after] = end === -1 ? [rest, ""] : [rest.slice(0, end), rest.slice(end + 4)]
    const status = Number(/^HTTP\/1\.1 (\d{3}) /u.exec(head)?.[1])
    // Truncated by a reset while our bytes were in flight.
    if (end === -1) return faults
    if (Number.isNaN(status)) return [...faults, `no response: ${head.slice(0, 200)}`]
    if (status >= 500) faults.push(`status ${status}`)
    // Node writes `100 Continue` without headers; the final response follows.
    if (status >= 200 && !/^x-request-id: [\w.:-]{1,128}$/imu.test(head)) faults.push(`${status} without a request id`)
    const length = Number(/^content-length: (\d+)$/imu.exec(head)?.[1] ?? 0)
    // A response to HEAD has the length of a body but no body.
    const isOfHead = /HEAD /u.test(sent) && (after === "" || after.startsWith("HTTP/1.1 "))
    if (isBodiless(status) || isOfHead) rest = after
    else {
      const body = after.slice(0, length)
      if (body.length < length) return faults
      const type = /^content-type: ([^;\r\n]+)/imu.exec(head)?.[1] ?? "none"
      faults.push(...bodyFaults(status, type, body))
      rest = after.slice(length)
    }
  }
  return faults
}
