/** What a person must know of a task sequence that came from XML, or went there. */

export interface Note {
  /** Where in our document, such as `children[1].action.drive`; empty: the whole. */
  readonly path: string
  readonly message: string
}

/** A secret that stays at home (S11-003). */
export interface TypeAgain {
  readonly path: string
  readonly stepName: string
}
