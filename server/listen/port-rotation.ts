/**
 * Which port a transfer has. The few in use at one time take turns, since what arrives at one port is read, and leaves from it,
 * in batches; and they move on over all ports, so that nobody can tell for long which ones they are. A client that asks again from
 * its port is not answered from the one it had before (RFC 1350 section 4).
 */

import { assert } from '../assert.ts'

export const portsInUse = 8
const transfersBeforeMove = 64

export class PortRotation<Port> {
  readonly #ports: readonly Port[]
  #begun = 0

  constructor(ports: readonly Port[]) {
    assert(ports.length > 0, 'there is a port')
    this.#ports = ports
  }

  next(before: Port | undefined): Port {
    const port = this.#take()
    return port === before ? this.#take() : port
  }

  #take(): Port {
    const begun = this.#begun++
    const port = this.#ports[(Math.floor(begun / transfersBeforeMove) + (begun % portsInUse)) % this.#ports.length]
    assert(port !== undefined, 'the index is in the pool')
    return port
  }
}
