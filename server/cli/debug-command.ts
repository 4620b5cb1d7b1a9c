/** `run debug`: where the debugger holds a run, and commands for it. Steps are named by their place, counted from 1, as `dry-run` prints it. */

import { Argument, Command } from 'commander'
import { z } from 'zod'
import { pausedText } from '../contract/debugger-state.ts'
import { placedDebugCommands, plainDebugCommands } from '../sequence/debug.ts'
import { printPlace } from '../sequence/print-path.ts'
import { ApiClient, type Fields } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { plainText, printJson } from './print.ts'

const path = z.array(z.number())
const commandSchema = z.object({ number: z.number(), command: z.string(), path: path.optional() })
const debuggerSchema = z.object({
  state: z.string(),
  at: z
    .object({
      path,
      name: z.string(),
      number: z.number(),
      reason: z.enum(['before-step', 'breakpoint', 'error']),
      message: z.string().exactOptional(),
    })
    .optional(),
  breakpoints: z.array(path),
  variables: z.array(z.object({ name: z.string(), value: z.string() })),
  waitingCommands: z.array(commandSchema),
  lastCommand: commandSchema.extend({ refused: z.string().optional() }).optional(),
})

export function debugCommand(): Command {
  return new Command('debug')
    .description('The debugger of a run: where it is held and its variables, or a command for it')
    .argument('<id>')
    .addArgument(new Argument('[command]', 'none: show').choices([...plainDebugCommands, ...placedDebugCommands]))
    .argument('[place]', 'of a step, counted from 1, such as 2.1')
    .action(async (...given: [string, string | undefined, string | undefined, object, Command]) => {
      const [id, command, place, , self] = given
      const client = new ApiClient(self)
      const resource = `/runs/${encodeURIComponent(id)}/debugger`
      if (command === undefined) return showDebugger(client, (await client.get(resource)).fields)
      const body = { command, ...(place === undefined ? {} : { path: readPlace(place) }) }
      const { fields } = await client.send('POST', `${resource}/commands`, body)
      if (client.json) return printJson(fields)
      print(`${printCommand(commandSchema.parse(fields))} waits for the machine`)
    })
}

function readPlace(text: string): readonly number[] {
  const place = text.split('.').map(Number)
  if (place.every((number) => Number.isSafeInteger(number) && number > 0)) return place.map((number) => number - 1)
  throw new CliError(`${text} is not the place of a step: count from 1, such as 3 or 2.1`)
}

function showDebugger(client: ApiClient, fields: Fields): void {
  if (client.json) return printJson(fields)
  const { state, at, breakpoints, variables, waitingCommands, lastCommand } = debuggerSchema.parse(fields)
  print(at === undefined ? state.replace('-', ' ') : `${pausedText(at)}, place ${printPlace(at.path)}`)
  for (const place of breakpoints) print(`breakpoint ${printPlace(place)}`)
  if (lastCommand !== undefined) {
    print(
      `${printCommand(lastCommand)} was ${lastCommand.refused === undefined ? 'taken' : `refused: ${lastCommand.refused}`}`,
    )
  }
  for (const command of waitingCommands) print(`${printCommand(command)} waits for the machine`)
  for (const { name, value } of variables) print(`${name}=${value}`)
}

function printCommand({ number, command, path: place }: z.output<typeof commandSchema>): string {
  return `command ${number}, ${command}${place === undefined ? '' : ` ${printPlace(place)}`},`
}

function print(line: string): void {
  process.stdout.write(`${plainText(line)}\n`)
}
