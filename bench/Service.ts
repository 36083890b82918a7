import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"

export interface Service {
  readonly url: string
  readonly pid: number
  /** From spawn to the first 200 of /health, in milliseconds. */
  readonly startMs: number
  readonly stop: () => Promise<number | null>
}

const listeningUrl = (line: string): string | undefined => /"message":"listening".*?"url":"([^"]+)"/.exec(line)?.[1]

/** Starts a program with only these variables, and waits for its first 200. */
export const startService = async (
  program: ReadonlyArray<string>,
  variables: Record<string, string>
): Promise<Service> => {
  const startedAt = performance.now()
  const child = spawn(process.execPath, program, {
    env: { PATH: process.env["PATH"], TBG_HOST: "127.0.0.1", TBG_PORT: "0", TBG_LOG_FORMAT: "json", ...variables },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    url = listeningUrl(line)
    if (url !== undefined) break
  }
  if (url === undefined || child.pid === undefined) throw new Error(`${program.join(" ")} did not start`)
  child.stdout.resume()
  const response = await fetch(`${url}/health`)
  if (response.status !== 200) throw new Error(`/health returned ${response.status}`)
  const startMs = performance.now() - startedAt
  const stop = () => {
    child.kill("SIGTERM")
    return ended
  }
  return { url, pid: child.pid, startMs, stop }
}

/** Resident memory of a process in MB, as the kernel counts it. */
export const residentMb = (pid: number): number => {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kilobytes) / 1024
}

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
