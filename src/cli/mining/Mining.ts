import { commandGroup } from "../CommandParts.ts"
import { Project } from "./Project.ts"
import { Quarantine } from "./Quarantine.ts"
import { Rebuild } from "./Rebuild.ts"
import { Status } from "./Status.ts"

export const Mining = commandGroup("mining", "Run or inspect the mining projection", [
  Project,
  Status,
  Rebuild,
  Quarantine
])
