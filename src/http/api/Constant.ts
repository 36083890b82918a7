import { Context } from "effect"

/**
 * On an endpoint whose answer is always the same: its body. The edge answers with it before there is routing, which is
 * what a probe of every few seconds, from each of many load balancers, need not cost.
 */
export const Constant = Context.Reference<Readonly<Record<string, string>> | undefined>("tbg-api/http/api/Constant", {
  defaultValue: () => undefined
})
