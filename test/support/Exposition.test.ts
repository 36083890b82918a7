import { assert, describe, it } from "@effect/vitest"
import { expositionOf, valuesOf } from "./Exposition.ts"

const gauge = '# HELP a A.\n# TYPE a gauge\na{x="1"} 1\na{x="\\"\\\\\\n,"} -2.5e-7\n'
const histogram = (lines: string) => `# HELP h H.\n# TYPE h histogram\n${lines}`
const whole = 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n'

describe("the parser of the exposition format", () => {
  it("takes what is well-formed", () => {
    const families = expositionOf(gauge + histogram(whole))
    assert.deepStrictEqual([...families.keys()], ["a", "h"])
    assert.deepStrictEqual(valuesOf(gauge, "a", { x: "1" }), [1])
  })

  it.each([
    ["no end of line", gauge.slice(0, -1)],
    ["figures without a head", "a 1\n"],
    ["no type", "# HELP a A.\na 1\n"],
    ["a type of another name", "# HELP a A.\n# TYPE b gauge\na 1\n"],
    ["a family twice", gauge + gauge],
    ["a family without figures", "# HELP a A.\n# TYPE a gauge\n"],
    ["a series twice", `${gauge}a{x="1"} 2\n`],
    ["a figure of another family", `${gauge}b 2\n`],
    ["a value that is none", "# HELP a A.\n# TYPE a gauge\na one\n"],
    ["a label that is not quoted", "# HELP a A.\n# TYPE a gauge\na{x=1} 1\n"],
    ["a label twice", '# HELP a A.\n# TYPE a gauge\na{x="1",x="2"} 1\n'],
    ["a counter without its suffix", "# HELP a A.\n# TYPE a counter\na 1\n"],
    ["a gauge with a counter's suffix", "# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n"],
    [
      "buckets out of order",
      histogram('h_bucket{le="2"} 0\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n')
    ],
    ["buckets that do not add up", histogram(whole.replace('le="1"} 1', 'le="1"} 3'))],
    ["no last bucket", histogram('h_bucket{le="1"} 2\nh_sum 3\nh_count 2\n')],
    ["no sum", histogram(whole.replace("h_sum 3\n", ""))],
    ["another count", histogram(whole.replace("h_count 2", "h_count 1"))]
  ])("refuses %s", (_, text) => {
    assert.throws(() => expositionOf(text))
  })
})
