import { default as fc } from "fast-check"

// A change is noticed by the first schedule that fails: the shortest is of use to nobody here, and takes a hundred
// runs.
fc.configureGlobal({ endOnFailure: true, numRuns: 50 })
