/**
 * A text that must not be read by accident: printed, logged, spread into JSON or inspected it is `***`. Who needs it says
 * `reveal()`, and there are few such places (test/secret.test.ts holds the list). No key, no sealing: that is another matter.
 */

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return maskedValue
  }

  toJSON(): string {
    return maskedValue
  }

  /** What Node prints in a console or a stack trace. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return maskedValue
  }
}

/** What is shown in place of a secret, everywhere; sent back by an administrator, it keeps the value that is stored. */
export const maskedValue = '***'
