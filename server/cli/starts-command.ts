/** `starts`: what holds back every start of a run. */

import { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { readNumber } from './option-values.ts'
import { printObject } from './print.ts'

interface Limits {
  readonly perHour?: string
  readonly healthyHours?: string
  readonly riskSize?: string
  readonly riskMaximum?: string
  readonly secondApprovalAbove?: string
  readonly siteSystemServers?: string
}

export function startsCommand(): Command {
  const command = new Command('starts').description(
    'Starts of runs, at every door: stop them all, allow them again, limit how many',
  )
  command
    .command('show')
    .description('whether runs may start')
    .action(async (_: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.get('/start-guard')).fields)
    })
  command
    .command('stop')
    .description('no run starts any more; runs that go on are not touched')
    .requiredOption('--reason <text>', 'for the other administrators; no machine is told')
    .action(async ({ reason }: { reason: string }, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.send('POST', '/start-guard/stop', { reason })).fields)
    })
  command
    .command('allow')
    .description('runs may start again')
    .action(async (_: object, self: Command) => {
      const client = new ApiClient(self)
      printObject(client, (await client.send('POST', '/start-guard/allow')).fields)
    })
  command
    .command('limit')
    .description('how many runs may begin without a person, and on which machines')
    .option('--per-hour <n|none>', 'of required and preferred deployments; others wait for their turn')
    .option('--healthy-hours <n>', 'whose client was heard within them is not installed anew by itself; 0: it is')
    .option('--risk-size <n>', 'what replaces the system of more members has to be accepted; 0: never')
    .option('--risk-maximum <n>', 'and of more than these it is refused; 0: never')
    .option(
      '--second-approval-above <n>',
      'what replaces the system of more members waits for a second person; 0: never',
    )
    .option('--site-system-servers <block|warn>', 'what replaces the system of this very server, too')
    .action(async (given: Limits, self: Command) => {
      const { perHour, healthyHours, riskSize, riskMaximum, secondApprovalAbove, siteSystemServers } = given
      const client = new ApiClient(self)
      const limits = {
        ...(perHour === undefined ? {} : { maximumStartsPerHour: perHour === 'none' ? null : readNumber(perHour) }),
        ...(healthyHours === undefined ? {} : { healthyHours: readNumber(healthyHours) }),
        ...(riskSize === undefined ? {} : { highRiskDefaultSize: readNumber(riskSize) }),
        ...(secondApprovalAbove === undefined ? {} : { secondApprovalAbove: readNumber(secondApprovalAbove) }),
        ...(siteSystemServers === undefined ? {} : { siteSystemServers }),
        ...(riskMaximum === undefined ? {} : { highRiskMaximumSize: readNumber(riskMaximum) }),
      }
      printObject(client, (await client.send('PUT', '/start-guard/limits', limits)).fields)
    })
  return command
}
