/** `audit`: who changed what of the site. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { plainText, printJson } from './print.ts'

interface Options {
  readonly kind?: string
  readonly id?: string
  readonly before?: string
  readonly limit: string
}

export function auditCommand(): Command {
  return new Command('audit')
    .description('Who changed what, when, and from what to what; the newest first')
    .option('--kind <kind>', 'only of such objects, such as deployment')
    .option('--id <id>', 'only of this object')
    .option('--before <number>', 'only entries before this one')
    .option('--limit <n>', 'at most so many', '50')
    .action(async ({ kind, id, before, limit }: Options, self: Command) => {
      const client = new ApiClient(self)
      const given = Object.entries({ kind, id, before, limit }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      )
      const { fields } = await client.get(`/audit?${new URLSearchParams(Object.fromEntries(given)).toString()}`)
      if (client.json) return printJson(fields)
      for (const item of Array.isArray(fields['items']) ? fields['items'] : []) {
        process.stdout.write(`${printEntry(item)}\n`)
      }
    })
}

function printEntry(item: Readonly<Record<string, unknown>>): string {
  const { number, atMs, by, action, kind, id, name, changes } = item
  const head = [number, new Date(Number(atMs)).toISOString(), by ?? '(the server)', action, kind, id, name]
  const lines = Array.isArray(changes) ? changes.map((change) => `    ${plainText(change)}`) : []
  return [head.map(plainText).join('  '), ...lines].join('\n')
}
