/**
 * The numbers of DHCP options that this product reads or writes, by name (RFC 2132 and the RFCs named beside them).
 * Other options are carried unread. What the values mean is in dhcp-option-values.ts.
 */

export const OptionCode = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  domainName: 15,
  broadcastAddress: 28,
  vendorSpecificInformation: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  /** RFC 3004, and the raw text that iPXE sends. */
  userClass: 77,
  /** RFC 3046. */
  relayAgentInformation: 82,
  /** RFC 4578: 93, 94 and 97. */
  clientSystemArchitecture: 93,
  clientNetworkInterface: 94,
  clientMachineIdentifier: 97,
  /** RFC 3442. */
  /** "Etherboot" options, as iPXE and its relatives encapsulate them. */
  ipxe: 175,
  end: 255,
} as const
export type OptionCode = (typeof OptionCode)[keyof typeof OptionCode]

const names: ReadonlyMap<number, string> = new Map(Object.entries(OptionCode).map(([name, code]) => [code, name]))

/** For pages and messages: `clientSystemArchitecture`, or `option` for a number without a name here. */
export function optionName(code: number): string {
  return names.get(code) ?? 'option'
}
