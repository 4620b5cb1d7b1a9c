/** `status`: every machine as it is now, and with `--follow` each change as it happens. */

import { Command } from 'commander'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { ApiClient } from './api-client.ts'
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

export function statusCommand(): Command {
  return new Command('status')
    .description('What every machine is doing')
    .option('--follow', 'go on until interrupted')
    .action(async (options: { follow?: boolean }, self: Command) => {
      const client = new ApiClient(self)
      if (options.follow === true) await follow(client)
      else printLanes(client, (await client.get('/status')).fields)
    })
}

async function follow(client: ApiClient): Promise<void> {
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
  for (const { lane } of lanesSchema.parse(answer).lanes) {
    const code = lane.approvalCode === undefined ? '' : `  code ${lane.approvalCode}`
    process.stdout.write(
      `${plainText(lane.name).padEnd(24)}  ${lane.stage.padEnd(10)}  ${lane.condition.padEnd(18)}  ${plainText(lane.text)}${code}\n`,
    )
  }
}
