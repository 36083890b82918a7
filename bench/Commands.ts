import { execFileSync } from "node:child_process"

/** Runs commands of a bundle with only these variables, and returns their output. */
export const commandsOf =
  (bundle: string, variables: Readonly<Record<string, string>>) =>
  (...args: ReadonlyArray<string>): string =>
    execFileSync(process.execPath, [bundle, ...args], {
      env: { PATH: process.env["PATH"], ...variables },
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "utf8"
    }).trim()

/** Runs the migrations and creates a team; returns an API key of it. */
export const keyOfNewTeam = (team: string, variables: Readonly<Record<string, string>>): string => {
  const tbg = commandsOf("dist/main.js", variables)
  tbg("migrate", "up")
  tbg("teams", "create", team)
  return tbg("keys", "create", "--team", team)
}
