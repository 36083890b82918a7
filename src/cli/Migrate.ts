import { commandGroup } from "./CommandParts.ts"
import { Check } from "./migrate/Check.ts"
import { Down } from "./migrate/Down.ts"
import { New } from "./migrate/New.ts"
import { Plan } from "./migrate/Plan.ts"
import { Repair } from "./migrate/Repair.ts"
import { Status } from "./migrate/Status.ts"
import { Up } from "./migrate/Up.ts"

export const Migrate = commandGroup("migrate", "Inspect the schema, and apply migrations", [
  Up,
  Down,
  Status,
  Check,
  Plan,
  Repair,
  New
])
