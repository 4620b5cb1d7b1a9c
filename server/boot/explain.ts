/**
 * Tells the story of a boot decision as text, for `GET /api/v1/boot-preview`, the page and the log: who asked, what was
 * decided and why, and why each other deployment was passed over. For administrators: it names deployments a
 * machine must not hear of (security A07).
 */

import type { BootDecision } from './boot-decision.ts'
import type { NetworkBootProgram } from './network-boot-program.ts'
import { networkBootProgram } from './network-boot-program.ts'
import { printPlatform } from './platform-architecture.ts'
import type { PxeClient } from './pxe-client.ts'

/** One sentence a line. */
export function explainBoot(client: PxeClient, decision: BootDecision): readonly string[] {
  return [
    whoAsks(client, decision),
    whatHappens(decision),
    ...(decision.kind === 'boot' ? [firstFile(networkBootProgram(client, decision))] : []),
    ...decision.rejected.map(({ deploymentId, reason }) => `Deployment ${deploymentId} was not taken: ${reason}.`),
  ]
}

function whoAsks(client: PxeClient, { kind, deviceId }: BootDecision): string {
  const identifiers = [
    client.macAddress,
    client.smbiosGuid === undefined ? '' : `SMBIOS GUID ${client.smbiosGuid}`,
    client.serialNumber === undefined ? '' : `serial number ${client.serialNumber}`,
  ]
  const who = `${identifiers.filter((text) => text !== '').join(', ')} on ${printPlatform(client.platform)}`
  if (deviceId !== undefined) return `${who} is device ${deviceId}.`
  return kind === 'boot' ? `${who} is an unknown computer.` : `${who} asks.`
}

function whatHappens(decision: BootDecision): string {
  switch (decision.kind) {
    case 'boot': {
      const { bootImage, deployment, prompt, reason } = decision
      const how = prompt === undefined ? 'without a key press' : `after F12 is pressed within ${prompt.seconds} seconds`
      return `It starts boot image ${bootImage.id} (${bootImage.name}) for ${deployment.id} ${how}: ${reason}.`
    }
    case 'continue-to-local-disk':
      return `It goes on to its next boot device: ${decision.reason}.`
    case 'ignore':
      return `It gets no answer: ${decision.reason}.`
    default:
      return decision satisfies never
  }
}

function firstFile(program: NetworkBootProgram): string {
  switch (program.kind) {
    case 'tftp':
      return `Its firmware is given ${program.file} over TFTP.`
    case 'http':
      return `Its firmware is given ${program.path} over HTTP.`
    case 'script':
      return `Its iPXE is given ${program.path}.`
    case 'none':
      return `Its firmware is given no file: ${program.reason}.`
    default:
      return program satisfies never
  }
}
