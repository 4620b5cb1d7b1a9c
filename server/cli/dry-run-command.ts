/** `task-sequence dry-run`: a sequence against a machine that a file describes, told as a person would read it. */

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { parse } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../caught-error.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { plainText, printJson } from './print.ts'

const path = z.array(z.number())
const entrySchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('group'), path, name: z.string() }),
  z.looseObject({ kind: z.literal('group-failed'), path, name: z.string(), continued: z.boolean() }),
  z.looseObject({
    kind: z.literal('step'),
    path,
    name: z.string(),
    type: z.string(),
    attempt: z.number(),
    outcome: z.string().optional(),
    exitCode: z.number().optional(),
    message: z.string().optional(),
  }),
  z.looseObject({
    kind: z.literal('skipped'),
    path,
    name: z.string(),
    reason: z.string(),
    because: z.string().optional(),
  }),
  z.looseObject({ kind: z.literal('restart'), target: z.string() }),
])
type Entry = z.output<typeof entrySchema>

const answerSchema = z.object({
  entries: z.array(entrySchema),
  outcome: z.looseObject({ kind: z.string(), message: z.string().optional() }).optional(),
})

export function dryRunCommand(): Command {
  return new Command('dry-run')
    .description('What would run on a machine, what would be skipped and why')
    .argument('<id>')
    .requiredOption('--machine <file>', 'the described machine, JSON or YAML; {} is one that nothing is known of')
    .action(async (id: string, options: { machine: string }, self: Command) => {
      const client = new ApiClient(self)
      const machine = readMachine(options.machine)
      const { fields } = await client.send('POST', `/task-sequences/${encodeURIComponent(id)}/dry-run`, machine)
      if (client.json) {
        printJson(fields)
        return
      }
      const { entries, outcome } = answerSchema.parse(fields)
      for (const entry of entries) process.stdout.write(`${plainText(printEntry(entry))}\n`)
      const end = outcome === undefined ? 'goes on; more is not told' : `${outcome.kind}${colon(outcome.message)}`
      process.stdout.write(`${plainText(`The task sequence ${end}`)}\n`)
    })
}

function readMachine(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`, { cause: error })
  }
}

function printEntry(entry: Entry): string {
  if (entry.kind === 'restart') return `restarts into the ${entry.target.replace('-', ' ')}`
  const place = `${entry.path.map((index) => index + 1).join('.')} ${entry.name}`
  switch (entry.kind) {
    case 'group':
      return place
    case 'group-failed':
      return `${place}: failed${entry.continued ? ', continues on error' : ''}`
    case 'step': {
      const again = entry.attempt > 1 ? `, attempt ${entry.attempt}` : ''
      const end = entry.exitCode === undefined ? '' : `: ${entry.outcome ?? ''} ${entry.exitCode}`
      return `${place} (${entry.type}${again})${end}${colon(entry.message)}`
    }
    case 'skipped':
      return `${place}: skipped, ${entry.reason.replace('-', ' ')}${colon(entry.because)}`
    default:
      return entry satisfies never
  }
}

function colon(text: string | undefined): string {
  return text === undefined ? '' : `: ${text}`
}
