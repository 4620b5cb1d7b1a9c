/** A variable of a device or a collection, as the administrator wrote it (S9: device and collection variables). */

export interface SiteVariable {
  readonly name: string
  /** Empty: the value is asked for on the machine before the run (S1-068). */
  readonly value: string
  /** "Do not display this value": masked everywhere, in logs too. */
  readonly secret: boolean
}
