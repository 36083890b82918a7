import { registerHooks } from "node:module"

// Code generators use the compiler API of TypeScript 5, which version 7 no longer has.
registerHooks({
  resolve: (specifier, context, next) => next(specifier === "typescript" ? "typescript5" : specifier, context)
})
