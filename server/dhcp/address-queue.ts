/**
 * Addresses in the order in which they were put in, each at most once; adding, removing and taking the first cost the
 * same for ten addresses and for a /16. (A Set would walk over the holes that removals leave at its front.)
 */

interface Link {
  readonly address: number
  previous: Link | undefined
  next: Link | undefined
}

export class AddressQueue {
  readonly #links = new Map<number, Link>()
  #first: Link | undefined
  #last: Link | undefined

  get size(): number {
    return this.#links.size
  }

  get first(): number | undefined {
    return this.#first?.address
  }

  /** Moves the address to the end when it is in the queue already. */
  add(address: number): void {
    this.remove(address)
    const link: Link = { address, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = link
    else this.#last.next = link
    this.#last = link
    this.#links.set(address, link)
  }

  remove(address: number): void {
    const link = this.#links.get(address)
    if (link === undefined) return
    if (link.previous === undefined) this.#first = link.next
    else link.previous.next = link.next
    if (link.next === undefined) this.#last = link.previous
    else link.next.previous = link.previous
    this.#links.delete(address)
  }
}
