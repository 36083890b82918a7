/** Differences from the released document that the contract requires; remove them at the next release. */
const amended = [
  // Integers instead of text with a pattern; requests stay the same.
  /query (?:limit|offset): (?:different type|tighter (?:minimum|maximum))$/,
  // The same characters, in a pattern that every regular expression engine supports.
  /body\.(?:author_name|content|tags\[\]): tighter pattern$/,
  // Still served, but described only in the introduction.
  /application\/problem\+json removed$/
]

export const isAmended = (difference: string): boolean => amended.some((pattern) => pattern.test(difference))
