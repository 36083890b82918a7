import type { DependencyDown, Fault } from "../domain/Dependency.ts"
import { describeDatabase, describeRedis } from "./AppConfig.ts"
import type { DatabaseTarget, RedisTarget } from "./AppConfig.ts"

export interface Advice {
  readonly problem: string
  readonly fix: string
}

type Texts = Readonly<Record<Fault, readonly [problem: string, fix: string]>>

const timeout = [
  "it did not respond in time",
  "check whether the server is overloaded or frozen, and whether a firewall drops packets"
] as const

const postgres: Texts = {
  unreachable: ["no connection", "start Postgres, or correct the host and port in TBG_DATABASE_URL"],
  denied: ["it rejected our user name or password", "correct the user name or password in TBG_DATABASE_URL"],
  missing: ["the database does not exist", "create it, or correct its name in TBG_DATABASE_URL"],
  read_only: [
    "it accepts no writes",
    "point TBG_DATABASE_URL to the primary, or set default_transaction_read_only to off"
  ],
  full: ["its disk is full", "free or add disk space on the server"],
  timeout,
  failed: ["it returned an error", "see the server's log"]
}

const redis: Texts = {
  unreachable: ["no connection", "start Redis, or correct the host and port in TBG_REDIS_URL"],
  denied: [
    "it rejected our credentials, or our user lacks rights",
    "correct the user name or password in TBG_REDIS_URL, or grant what docs/limits.md lists"
  ],
  missing: ["the database does not exist", "correct its number in TBG_REDIS_URL"],
  read_only: ["it accepts no writes", "point TBG_REDIS_URL to the master, or fix its persistence (INFO persistence)"],
  full: ["its memory is full", "raise maxmemory"],
  timeout,
  failed: ["it returned an error", "see the server's log"]
}

const adviceFrom = (texts: Texts, subject: string, { detail, fault }: DependencyDown): Advice => {
  const [problem, fix] = detail === undefined ? texts[fault] : [detail.problem, detail.fix]
  return { problem: `${subject} ${fault}: ${problem}`, fix }
}

export const databaseAdvice = (target: DatabaseTarget, down: DependencyDown): Advice =>
  adviceFrom(postgres, `Postgres ${describeDatabase(target)}`, down)

export const redisAdvice = (target: RedisTarget, down: DependencyDown): Advice =>
  adviceFrom(redis, `Redis ${describeRedis(target)}`, down)

export const sentenceOf = ({ fix, problem }: Advice): string => `${problem}; ${fix}`
