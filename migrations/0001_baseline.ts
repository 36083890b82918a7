import { baseline } from "../src/baseline/Baseline.ts"

export default baseline
