/** A service cannot have its port. Written for the administrator: what, where, and what to do about it. */

export class BindError extends Error {
  override readonly name = 'BindError'
  /** `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENODEV`, or what else the system said. */
  readonly code: string
  readonly service: string
  readonly address: string
  readonly port: number

  constructor(place: Place, code: string, cause: unknown) {
    const advice = code === 'EADDRINUSE' ? adviceWhenInUse(place) : (advices[code] ?? `The system said ${code}.`)
    super(`${place.service} cannot use ${place.address} port ${place.port}. ${advice}`, { cause })
    this.code = code
    this.service = place.service
    this.address = place.address
    this.port = place.port
  }
}

interface Place {
  readonly service: string
  readonly address: string
  readonly port: number
  /** The other program has this one, too: more than a DHCP server, it answers PXE machines itself. */
  readonly andPort?: number
  /** We would have shared it. */
  readonly sharesPort?: boolean
}

function adviceWhenInUse({ port, andPort, sharesPort }: Place): string {
  if (andPort !== undefined) {
    return `Another program has it, and port ${andPort} as well, so it answers PXE machines itself: ${findAndStop(port)}.`
  }
  if (sharesPort === true) {
    // dhcp.c, make_fd: only then with SO_REUSEADDR.
    return `Another program has it and shares it with nobody: ${findAndStop(port)}. A dnsmasq shares it when it is told bind-interfaces.`
  }
  return `Another program has it: ${findAndStop(port)}, or choose another port in the settings.`
}

function findAndStop(port: number): string {
  return `find it with \`ss -lunp 'sport = :${port}'\`, stop it or keep the two apart with --interface`
}

const advices: Readonly<Record<string, string>> = {
  EACCES: 'Ports below 1024 need a privilege: start as root or grant CAP_NET_BIND_SERVICE.',
  EPERM: 'Binding to an interface needs a privilege: start as root or grant CAP_NET_RAW.',
  EADDRNOTAVAIL: 'This machine has no such address: correct it in the settings.',
  ENODEV: 'This machine has no such network interface: correct its name in the settings.',
}
