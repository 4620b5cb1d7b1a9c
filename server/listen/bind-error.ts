/** A service cannot have its port. Written for the administrator: what, where, and what to do about it. */

export class BindError extends Error {
  override readonly name = 'BindError'
  /** `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENODEV`, or what else the system said. */
  readonly code: string
  readonly service: string
  readonly address: string
  readonly port: number

  constructor(place: { service: string; address: string; port: number }, code: string, cause: unknown) {
    const advice = advices[code] ?? `The system said ${code}.`
    super(`${place.service} cannot use ${place.address} port ${place.port}. ${advice}`, { cause })
    this.code = code
    this.service = place.service
    this.address = place.address
    this.port = place.port
  }
}

const advices: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program has it: find it with `ss -lunp`, stop it, or choose another port in the settings.',
  EACCES: 'Ports below 1024 need a privilege: start as root or grant CAP_NET_BIND_SERVICE.',
  EPERM: 'Binding to an interface needs a privilege: start as root or grant CAP_NET_RAW.',
  EADDRNOTAVAIL: 'This machine has no such address: correct it in the settings.',
  ENODEV: 'This machine has no such network interface: correct its name in the settings.',
}
