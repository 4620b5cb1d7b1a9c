/** A site for machines that find out what is decided for them: one sequence of one step, and disks that say when they start. */

import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { openLab, type Lab } from '../../scripts/lab/lab.ts'
import { markedDiskText, writeMarkedDisk } from '../../scripts/lab/marked-disk.ts'
import { addDevice, addTaskSequence, readSequence } from '../../scripts/lab/site-setup.ts'
import type { VirtualMachine, VirtualMachineOptions } from '../../scripts/lab/virtual-machine.ts'

export const bootMs = 8 * 60_000
export const fromDisk = new RegExp(markedDiskText.trim())

let labs = 0

export interface Site {
  readonly lab: Lab
  readonly taskSequenceId: string
}

export async function openSite(t: ExecutionContext, flags: readonly string[] = []): Promise<Site> {
  const network = `10.77.${10 + labs}`
  const lab = await openLab({
    name: `d${labs++}`,
    network,
    // Several sites run at once, and only one of them could have the port of TFTP. iPXE fetches over HTTP.
    flags: ['--dhcp', 'full', '--pool', `${network}.100-${network}.150`, '--tftp-port', '0', ...flags],
  })
  t.teardown(() => lab.close())
  return { lab, taskSequenceId: await addTaskSequence(lab.server, lab.bootImageId, await readSequence('hello', {})) }
}

type Further = Pick<VirtualMachineOptions, 'smbiosGuid' | 'asleep'>

export async function startMachine(
  { lab }: Site,
  name: string,
  macAddress: string,
  further: Further = {},
): Promise<VirtualMachine> {
  const file = join(lab.directory, `${name}.disk`)
  await writeMarkedDisk(file)
  return lab.startMachine({ name, macAddress, firmware: 'bios', disk: { file, megabytes: 64 }, ...further })
}

export async function addTarget({ lab }: Site, name: string, macAddress: string, preferred?: string): Promise<string> {
  const variables = preferred === undefined ? [] : [{ name: 'SMSTSPreferredAdvertID', value: preferred }]
  return addDevice(lab.server, { name, macAddress, variables })
}
