/** A variable of a device or a collection, as the administrator wrote it (S9: device and collection variables). */

export interface SiteVariable {
  readonly name: string
  /** Empty: the value is asked for on the machine before the run (S1-068). */
  readonly value: string
  /** "Do not display this value": masked everywhere, in logs too. */
  readonly secret: boolean
}

/** One without a value has nothing to give away. */
export function holdsSecret({ value, secret }: SiteVariable): boolean {
  return secret && value !== ''
}

/** Shorter values would mask ordinary words, so machines cannot keep them out of what programs print (security 6.6). */
export const secretCharactersMin = 6

/** S1-068: what may be asked for; of a variable that several give, the one that is in effect. */
export function withoutValue(variables: readonly SiteVariable[]): readonly Omit<SiteVariable, 'value'>[] {
  return variables.flatMap(({ name, value, secret }) => (value === '' ? [{ name, secret }] : []))
}
