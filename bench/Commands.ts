import { execFileSync } from "node:child_process"

/** The commands of a bundle, run with these variables and no others of ours; each gives what it printed. */
export const commandsOf =
  (bundle: string, variables: Readonly<Record<string, string>>) =>
  (...args: ReadonlyArray<string>): string =>
    execFileSync(process.execPath, [bundle, ...args], {
      env: { PATH: process.env["PATH"], ...variables },
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "utf8"
    }).trim()

/** A database with every step and one team; gives a key of it. */
export const keyOfNewTeam = (team: string, variables: Readonly<Record<string, string>>): string => {
  const tbg = commandsOf("dist/main.js", variables)
  tbg("migrate", "up")
  tbg("teams", "create", team)
  return tbg("keys", "create", "--team", team)
}
