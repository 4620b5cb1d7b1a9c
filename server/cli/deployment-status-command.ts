/** `deployment status`: how many of its machines are in which state, or each of them. */

import { Command } from 'commander'
import { z } from 'zod'
import { ApiClient, type Fields } from './api-client.ts'
import { pathOf } from './object-command.ts'
import { printJson, printList, plainText } from './print.ts'

interface Options {
  readonly devices?: boolean
  readonly status?: string
  readonly limit: string
  readonly offset: string
}

const statusSchema = z.looseObject({ formerMembers: z.number(), total: z.number(), states: z.array(z.unknown()) })
const machineSchema = z.looseObject({
  messageState: z.object({ name: z.string() }),
  lastStep: z.object({ name: z.string(), exitCode: z.string() }).optional(),
})

export function deploymentStatusCommand(): Command {
  return new Command('status')
    .description('how many of its machines are in which state, or each of them')
    .argument('<id>')
    .option('--devices', 'each machine with its last run')
    .option('--status <state>', 'those that are success, in-progress, error, requirements-not-met or unknown')
    .option('--limit <n>', 'with --devices: at most so many, up to 20000', '100')
    .option('--offset <n>', 'with --devices: leave out so many', '0')
    .action(async (id: string, options: Options, self: Command) => {
      const client = new ApiClient(self)
      const path = `${pathOf({ path: 'deployments' }, id)}/status`
      if (options.devices === true || options.status !== undefined)
        printMachines(client, (await client.get(`${path}/devices?${queryOf(options)}`)).fields)
      else printStatus(client, (await client.get(path)).fields)
    })
}

function queryOf({ status, limit, offset }: Options): string {
  return new URLSearchParams({ limit, offset, ...(status === undefined ? {} : { status }) }).toString()
}

function printStatus(client: ApiClient, fields: Fields): void {
  if (client.json) return printJson(fields)
  const { total, formerMembers, states } = statusSchema.parse(fields)
  printList(client, { items: states }, ['state', 'count', 'percent', 'devices', 'unknownComputers'])
  process.stdout.write(`${total} machines, and ${formerMembers} that ran it and are in its collection no more\n`)
}

function printMachines(client: ApiClient, fields: Fields): void {
  if (client.json) return printJson(fields)
  const items = (Array.isArray(fields['items']) ? fields['items'] : []).map((item: Fields) => {
    const { messageState, lastStep } = machineSchema.parse(item)
    return {
      ...item,
      message: messageState.name,
      lastStep: lastStep === undefined ? '' : `${lastStep.name} (${lastStep.exitCode})`,
      why: plainText(item['reason'] ?? item['lastMessage']),
    }
  })
  printList(client, { items }, ['name', 'kind', 'state', 'message', 'heardAtMs', 'lastMessageId', 'lastStep', 'why'])
}
