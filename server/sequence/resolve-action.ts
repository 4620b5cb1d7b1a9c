/**
 * An action with the `%variables%` in its texts replaced (S1-060), as `run-step` hands it out.
 * Names of variables, numbers and switches stay: only what a person wrote as text is looked at.
 */

import type { Action, NetworkAdapter, Partition } from './action.ts'
import { type Environment, valueOf } from './environment.ts'
import { substitute, substituteMasked } from './substitute.ts'

export function resolveAction(action: Action, environment: Environment): Action {
  const fill = (text: string): string => substitute(text, environment)
  switch (action.type) {
    case 'set-task-sequence-variable':
      return { ...action, value: fill(action.value) }
    case 'run-command-line':
      return { ...action, commandLine: fill(action.commandLine), workingDirectory: fill(action.workingDirectory) }
    case 'format-and-partition-disk':
      return { ...action, partitions: action.partitions.map((partition) => resolvePartition(partition, fill)) }
    case 'apply-network-settings':
      return {
        ...action,
        adapters: action.adapters.map((adapter) => resolveAdapter(adapter, fill)),
        dnsDomain: fill(action.dnsDomain),
      }
    case 'apply-windows-settings':
      return {
        ...action,
        computerName: resolveComputerName(action.computerName, environment),
        registeredUser: fill(action.registeredUser),
        organization: fill(action.organization),
        timeZone: fill(action.timeZone),
        locale: fill(action.locale),
      }
    case 'restart-computer':
      // The message is for a screen that anyone may stand in front of.
      return { ...action, message: substituteMasked(action.message, environment) }
    case 'apply-operating-system-image':
    case 'setup-windows-and-configmgr':
      return action
    default:
      return action satisfies never
  }
}

/** `OSDComputerName` is by default what the site calls the machine; empty when neither is known. */
function resolveComputerName(text: string, environment: Environment): string {
  const unnamed = valueOf(environment, 'OSDComputerName') === ''
  const filled = unnamed ? text.replaceAll(/%OSDComputerName%/gi, '%_SMSTSMachineName%') : text
  const resolved = substitute(filled, environment)
  return resolved === '%_SMSTSMachineName%' ? '' : resolved
}

type Fill = (text: string) => string

function resolvePartition(partition: Partition, fill: Fill): Partition {
  return { ...partition, name: fill(partition.name) }
}

function resolveAdapter(adapter: NetworkAdapter, fill: Fill): NetworkAdapter {
  return {
    dhcp: adapter.dhcp,
    addresses: adapter.addresses.map(fill),
    gateways: adapter.gateways.map(fill),
    dnsServers: adapter.dnsServers.map(fill),
  }
}
