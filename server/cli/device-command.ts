/** `device`: the computers the site knows, what they get from their collections, and their marks of required deployments. */

import type { Command } from 'commander'
import { z } from 'zod'
import { ApiClient, type Fields } from './api-client.ts'
import { addClearMarks } from './clear-marks-command.ts'
import { withReasons } from './collection-command.ts'
import { readDeviceFile } from './device-import.ts'
import { addDeviceRecords } from './device-records-command.ts'
import { objectCommand, pathOf } from './object-command.ts'
import { readTexts } from './option-values.ts'
import { variableFields } from './variable-fields.ts'
import { printList, printObject } from './print.ts'
import { addWake } from './wake-command.ts'

const noun = {
  name: 'device',
  description: 'Computers the site knows',
  path: 'devices',
  columns: ['id', 'name', 'macAddresses', 'smbiosGuid'],
  fields: [
    { flags: '--name <text>', description: 'name', key: 'name', required: true },
    { flags: '--mac <address...>', description: 'MAC addresses', key: 'macAddresses', read: readTexts },
    { flags: '--smbios-guid <guid>', description: 'SMBIOS GUID', key: 'smbiosGuid' },
    { flags: '--serial <text>', description: 'serial number', key: 'serialNumber' },
    ...variableFields,
  ],
} as const

interface ImportOptions {
  readonly headings: boolean
  readonly existing: string
  readonly collection: readonly string[]
  readonly preview: boolean
}

export function deviceCommand(): Command {
  const command = objectCommand(noun)
  addClearMarks(command, noun)
  addWake(command, noun)
  addDeviceRecords(command)
  command
    .command('collections')
    .description('the collections it is in, and by which rule')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get(`${pathOf(noun, id)}/collections?limit=1000`)
      printList(client, withReasons(client, fields), ['id', 'name', 'because'])
    })
  command
    .command('import')
    .description('many at once, all or none: a CSV file (name,SMBIOS GUID,MAC address), or a list in YAML or JSON')
    .argument('<file>')
    .option('--headings', 'the first row names the columns; what is no property becomes a variable', false)
    .option(
      '--existing <how>',
      'of devices that are there: refuse, skip, merge (what they have stays) or overwrite',
      'refuse',
    )
    .option('--collection <id...>', 'who is in them besides', [])
    .option('--preview', 'says what would be done, and does nothing', false)
    .action(async (file: string, options: ImportOptions, self: Command) => {
      const client = new ApiClient(self)
      const devices = readDeviceFile({ file, hasHeadings: options.headings })
      const body = { devices, existing: options.existing, collections: options.collection }
      const { fields } = await client.send('POST', `/devices/import?preview=${options.preview}`, body)
      printList(client, { items: fields['rows'] }, ['outcome', 'id', 'name'])
    })
  command
    .command('client-preview')
    .description('what its client would start now, what it offers, and why not the rest')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.get(`${pathOf(noun, id)}/client-preview`)).fields)
    })
  command
    .command('variables')
    .description('the variables it starts with, where each comes from, and what it overrode')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get(`${pathOf(noun, id)}/effective-variables`)
      printList(client, withOrigins(client, fields), ['name', 'value', 'from', 'overrides'])
    })
  return command
}

/** For people an origin is a name; JSON stays as it came. */
function withOrigins(client: ApiClient, fields: Fields): Fields {
  if (client.json) return fields
  const items = variablesSchema.parse(fields).items.map((item) => ({
    ...item,
    from: originOf(item.from),
    overrides: item.overrides.map(({ value, from }) => `${value} of ${originOf(from)}`).join('; '),
  }))
  return { ...fields, items }
}

const originSchema = z.looseObject({
  kind: z.string(),
  collectionId: z.string().optional(),
  name: z.string().optional(),
})
const variablesSchema = z.looseObject({
  items: z.array(
    z.looseObject({
      from: originSchema,
      overrides: z.array(z.looseObject({ value: z.string(), from: originSchema })),
    }),
  ),
})

function originOf({ kind, collectionId, name }: z.output<typeof originSchema>): string {
  return collectionId === undefined ? kind : `${name ?? ''} (${collectionId})`
}
