/** A site with something deployed, for the tests of the page: a sequence with a group, and devices that must run it. */

import { buildConsole, consoleDirectory } from '../../scripts/build-console.ts'
import { openTestSite, type TestSite } from '../http/test-site.ts'

export const sequence = {
  name: 'Deploy Debian',
  description: 'Partitions the first disk and applies Debian',
  children: [
    {
      kind: 'group',
      name: 'Install',
      children: [
        step('Partition the disk'),
        step('Apply Debian'),
        { ...step('Old drivers'), disabled: true },
        step('Apply Network Settings'),
      ],
    },
    step('Restart Computer'),
    { kind: 'group', name: 'In the installed system', children: [step('Report')] },
  ],
} as const

function step(name: string) {
  return { kind: 'step', name, action: { type: 'run-command-line', commandLine: 'true' } } as const
}

export async function openConsoleSite(): Promise<TestSite> {
  await buildConsole()
  return openTestSite({ consoleDirectory })
}

type Call = (method: string, path: string, body: unknown) => Promise<{ readonly id: string }>

/** Makes the sequence required for the devices, which are made as well. */
export async function deployTo(
  call: Call,
  devices: readonly { readonly name: string; readonly macAddress: string }[],
  document: unknown = sequence,
): Promise<void> {
  const boot = await call('POST', '/boot-images', { name: `Boot ${devices[0]?.macAddress}`, architecture: 'x64' })
  const directMembers: string[] = []
  for (const { name, macAddress } of devices) {
    const { id } = await call('POST', '/devices', { name, macAddresses: [macAddress], variables: [] })
    directMembers.push(id)
  }
  const made = await call('POST', '/task-sequences', { bootImageId: boot.id, enabled: true, sequence: document })
  const collection = await call('POST', '/collections', { name: `Of ${devices[0]?.macAddress}`, directMembers })
  await call('POST', '/deployments', {
    taskSequenceId: made.id,
    collectionId: collection.id,
    purpose: 'required',
    makeAvailableTo: 'media-and-pxe',
  })
}

export function callSite(site: TestSite): Call {
  return async (method, path, body) => {
    const answer = await site.api(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString()}`)
    return { id: String(answer.json['id']) }
  }
}
