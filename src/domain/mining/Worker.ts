/** Name of a worker that the miner did not name. */
export const unnamed = "default"

/** Worker of all names beyond the first `maxWorkers` of an address. */
export const otherWorkers = "other"

/** Maximum number of workers that an address may name. */
export const maxWorkers = 1000

/** Maximum length of a name in bytes of UTF-8. */
const maxNameBytes = 128

const bytes = new TextEncoder()

/** Control characters, NUL included, and the mark that replaces invalid UTF-8. */
const binary = /[\p{Cc}\uFFFD]/u

/** Whether text can be stored and shown. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !binary.test(text)

export const isNameTooLong = (name: string): boolean =>
  name.length > maxNameBytes || bytes.encode(name).length > maxNameBytes

/**
 * Part of a stratum name after the address and `.` or `_`; `undefined` if the name does not begin with the address,
 * which means that the work belongs to another miner.
 */
export const nameAfter = (user: string, stratumName: string): string | undefined => {
  if (stratumName === user) return unnamed
  if (!stratumName.startsWith(`${user}.`) && !stratumName.startsWith(`${user}_`)) return undefined
  return stratumName.slice(user.length + 1) || unnamed
}
