/** `status`: every machine as it is now, and with `--follow` each change as it happens. */

import { Command } from 'commander'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { plainText, printJson } from './print.ts'

const laneSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  stage: z.string(),
  condition: z.string(),
  text: z.string(),
  approvalCode: z.string().optional(),
})
const lanesSchema = z.object({ lanes: z.array(z.object({ lane: laneSchema })).default([]) })

const nobodyYet = 'No machine has been seen yet: start one from the network.'

export function statusCommand(): Command {
  return new Command('status')
    .description('What every machine is doing')
    .option('--follow', 'go on until interrupted')
    .action(async (options: { follow?: boolean }, self: Command) => {
      const client = new ApiClient(self)
      if (options.follow === true) await follow(client)
      else printLanes(client, await readStatus(client))
    })
}

async function readStatus(client: ApiClient): Promise<Fields> {
  const { fields } = await client.get('/status')
  // On standard error, so that a program that counts lines counts machines.
  if (!client.json && lanesSchema.parse(fields).lanes.length === 0) process.stderr.write(`${nobodyYet}\n`)
  return fields
}

async function follow(client: ApiClient): Promise<void> {
  // A refusal is explained in the answer to a plain question; that to a WebSocket is only a number.
  await readStatus(client)
  const url = new URL('/api/v1/progress', client.server)
  url.protocol = client.server.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${client.token}` }, perMessageDeflate: false })
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data) => {
      const frame: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}')
      printLanes(client, frame)
    })
    socket.on('error', (error) => reject(new CliError(`the server does not let us watch: ${error.message}`)))
    socket.on('close', (code) =>
      code === 1000 ? resolve() : reject(new CliError('the connection to the server was lost')),
    )
  })
}

function printLanes(client: ApiClient, answer: unknown): void {
  if (client.json) {
    printJson(answer)
    return
  }
  const { lanes } = lanesSchema.parse(answer)
  for (const { lane } of lanes) {
    const code = lane.approvalCode === undefined ? '' : `  code ${lane.approvalCode}`
    process.stdout.write(
      `${plainText(lane.name).padEnd(24)}  ${lane.stage.padEnd(10)}  ${lane.condition.padEnd(18)}  ${plainText(lane.text)}${code}\n`,
    )
  }
}
