/** A post as a caller would write it. */
const post = { author_name: "Satoshi", content: "A share was found. ".repeat(10), tags: ["shares", "news"] }

/** Writes so many posts through the API; gives the body of one, to write more. */
export const writePosts = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  count: number
): Promise<string> => {
  const body = JSON.stringify(post)
  for (let made = 0; made < count; made++) {
    const { status } = await fetch(url, { method: "POST", headers, body })
    if (status !== 201) throw new Error(`a post was answered with ${status}`)
  }
  return body
}
