const post = { author_name: "Satoshi", content: "A share was found. ".repeat(10), tags: ["shares", "news"] }

export const postBody = JSON.stringify(post)

/** Creates posts through the API; returns the body of one. */
export const writePosts = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  count: number
): Promise<string> => {
  for (let made = 0; made < count; made++) {
    const { status } = await fetch(url, { method: "POST", headers, body: postBody })
    if (status !== 201) throw new Error(`creating a post returned ${status}`)
  }
  return postBody
}
