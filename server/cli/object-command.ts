/**
 * The verbs that every kind of object has: list, show, create, edit, delete. A noun gives its fields as options; `edit`
 * reads the object, changes what was named, and writes it back for the revision it read.
 */

import { Command } from 'commander'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { printList, printObject } from './print.ts'

export interface Noun {
  readonly name: string
  readonly description: string
  /** In the API: `boot-images`. */
  readonly path: string
  readonly columns: readonly string[]
  readonly fields: readonly Field[]
  /** What `create` can do in the same go, once the object is there. */
  readonly attachment?: Attachment
}

interface Attachment {
  readonly flags: string
  readonly description: string
  /** Looks at what was given before anything is created; the function it returns is told the path of the object. */
  prepare(given: string): Promise<(client: ApiClient, path: string) => Promise<unknown>>
}

export interface Field {
  /** As commander reads it: `--name <text>`. */
  readonly flags: string
  readonly description: string
  /** In the API. */
  readonly key: string
  readonly required?: true
  /** Several values, or a value that is no text. Throws a CliError. */
  readonly read?: (given: unknown) => unknown
  /** What `edit` makes of the value it has read and the one that was given; without it the given one takes its place. */
  readonly change?: (kept: unknown, given: unknown) => unknown
  readonly onlyEdit?: true
}

export function objectCommand(noun: Noun): Command {
  const command = new Command(noun.name).description(noun.description)
  command
    .command('list')
    .option('--limit <n>', 'at most so many', '100')
    .option('--offset <n>', 'leave out so many', '0')
    .action(async (options: { limit: string; offset: string }, self: Command) => {
      const client = new ApiClient(self)
      const query = new URLSearchParams({ limit: options.limit, offset: options.offset })
      printList(client, (await client.get(`/${noun.path}?${query.toString()}`)).fields, noun.columns)
    })
  command
    .command('show')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.get(pathOf(noun, id))).fields)
    })
  command
    .command('delete')
    .argument('<id>')
    .action(async (id: string, _options: object, self: Command) => {
      await new ApiClient(self).send('DELETE', pathOf(noun, id))
    })
  addCreate(command, noun)
  addEdit(command, noun)
  return command
}

function addCreate(command: Command, noun: Noun): void {
  const create = command.command('create')
  for (const field of noun.fields) {
    if (field.onlyEdit === true) continue
    if (field.required === true) create.requiredOption(field.flags, field.description)
    else create.option(field.flags, field.description)
  }
  if (noun.attachment !== undefined) create.option(noun.attachment.flags, noun.attachment.description)
  create.action(async (_options: object, self: Command) => {
    const client = new ApiClient(self)
    const given = await givenFields(self, noun)
    const attach = await preparedAttachment(self, noun)
    const { fields } = await client.send('POST', `/${noun.path}`, changed({}, given))
    // Printed first: when the attachment fails, the object is there all the same.
    if (client.json) printObject(client, fields)
    else process.stdout.write(`${String(fields['id'])}\n`)
    await attach?.(client, pathOf(noun, String(fields['id'])))
  })
}

async function preparedAttachment(command: Command, { attachment }: Noun) {
  if (attachment === undefined) return undefined
  const option = command.options.find(({ flags }) => flags === attachment.flags)
  const given: unknown = option && command.getOptionValue(option.attributeName())
  return typeof given === 'string' ? attachment.prepare(given) : undefined
}

function addEdit(command: Command, noun: Noun): void {
  const edit = command.command('edit').argument('<id>')
  for (const field of noun.fields) edit.option(field.flags, field.description)
  edit.action(async (id: string, _options: object, self: Command) => {
    const client = new ApiClient(self)
    const changes = await givenFields(self, noun)
    if (changes.length === 0) throw new CliError('nothing to change was named; see --help')
    const { fields, etag } = await client.get(pathOf(noun, id))
    const keys = new Set(noun.fields.map(({ key }) => key))
    const kept = Object.fromEntries(Object.entries(fields).filter(([key]) => keys.has(key)))
    printObject(client, (await client.send('PUT', pathOf(noun, id), changed(kept, changes), etag)).fields)
  })
}

export function pathOf(noun: Pick<Noun, 'path'>, id: string): string {
  return `/${noun.path}/${encodeURIComponent(id)}`
}

interface Change {
  readonly field: Field
  readonly value: unknown
}

async function givenFields(command: Command, noun: Noun): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const option of command.options) {
    const field = noun.fields.find(({ flags }) => flags === option.flags)
    const value: unknown = command.getOptionValue(option.attributeName())
    if (field === undefined || value === undefined) continue
    changes.push({ field, value: field.read === undefined ? value : await field.read(value) })
  }
  return changes
}

function changed(fields: Fields, changes: readonly Change[]): Fields {
  return changes.reduce<Fields>(
    (next, { field: { key, change }, value }) => ({
      ...next,
      [key]: change === undefined ? value : change(next[key], value),
    }),
    fields,
  )
}
