/** `boot-preview`: what a machine would boot, and why not the others. */

import { Command } from 'commander'
import { z } from 'zod'
import { ApiClient } from './api-client.ts'
import { plainText, printJson } from './print.ts'

const previewSchema = z.looseObject({ explanation: z.array(z.string()) })

interface Options {
  readonly mac: string
  readonly uuid?: string
  readonly serial?: string
  readonly architecture: string
  readonly stage: string
}

export function bootPreviewCommand(): Command {
  return new Command('boot-preview')
    .description('What would this machine boot, and why not the others?')
    .requiredOption('--mac <address>', 'MAC address')
    .option('--uuid <guid>', 'SMBIOS GUID')
    .option('--serial <text>', 'serial number, as iPXE tells it')
    .option('--architecture <code>', 'number of DHCP option 93; 0 is BIOS, 7 is UEFI x64', '7')
    .option('--stage <stage>', 'firmware, ipxe or ours', 'firmware')
    .action(async (options: Options, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get(`/boot-preview?${new URLSearchParams({ ...options }).toString()}`)
      if (client.json) printJson(fields)
      else for (const line of previewSchema.parse(fields).explanation) process.stdout.write(`${plainText(line)}\n`)
    })
}
