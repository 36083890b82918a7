import { Command } from "effect/cli"
import { Check } from "./migrate/Check.ts"
import { Down } from "./migrate/Down.ts"
import { New } from "./migrate/New.ts"
import { Plan } from "./migrate/Plan.ts"
import { Repair } from "./migrate/Repair.ts"
import { Status } from "./migrate/Status.ts"
import { Up } from "./migrate/Up.ts"
import { wanting } from "./Report.ts"

export const Migrate = Command.make(
  "migrate",
  {},
  wanting("tbg migrate", "up", "down", "status", "check", "plan", "repair", "new")
).pipe(
  Command.withDescription("Look at the schema, and bring it to the newest step"),
  Command.withSubcommands([Up, Down, Status, Check, Plan, Repair, New])
)
