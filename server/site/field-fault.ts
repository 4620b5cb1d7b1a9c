/** What is wrong with an object as an administrator wrote it, by the place in it. All of it is found at once. */

export interface FieldFault {
  /** Such as `['programs', 2, 'name']`. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A fault at each item whose key an earlier one has; keys that differ in case only are the same. */
export function findRepeated(
  keys: readonly string[],
  place: (index: number) => FieldFault['path'],
): readonly FieldFault[] {
  const seen = new Set<string>()
  return keys.flatMap((key, index) => {
    const folded = key.toLowerCase()
    if (seen.has(folded)) return [{ path: place(index), message: `${key} is there twice` }]
    seen.add(folded)
    return []
  })
}
