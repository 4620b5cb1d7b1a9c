/**
 * `task-sequence edit-steps`, `search` and `step-types`: editing inside a task sequence. Paths are those of the API, counted from 0;
 * the place beside them is what `dry-run` and the debugger say.
 */

import { Command } from 'commander'
import { z } from 'zod'
import { printPlace } from '../sequence/print-path.ts'
import { searchScopes } from '../sequence/search-sequence.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { readDocument } from './document-file.ts'
import { type Noun, pathOf } from './object-command.ts'
import { readNumber, readTexts } from './option-values.ts'
import { printJson, printList, printObject } from './print.ts'

const editsHelp = `EDITS is a list, for example
  - {kind: add, node: {name: Say hello, action: {type: run-command-line, commandLine: echo hello}}, at: {after: [0]}}
  - {kind: remove, path: [2, 1]}
The kinds are
  add             node, at
  replace         path, node
  remove          path
  move, copy      path, at
  move-up         path; and move-down
  copy-condition  path, to
  paste           taskSequenceId, path, at: from another task sequence
at is {after: PATH}, {before: PATH} or {into: PATH}: behind, before, or at the end of a group; [] is the whole.
A path counts from 0, in the tree as the edits before it have left it: [1, 0] is the first child of the second.
\`search ID\` shows the paths, and \`step-types TYPE\` what an action may have.`

const hitsSchema = z.object({
  hits: z.array(
    z.object({ path: z.array(z.number()), kind: z.string(), name: z.string(), found: z.array(z.string()) }),
  ),
})
const typesSchema = z.object({ items: z.array(z.looseObject({ type: z.string() })) })

export function addEditStepsVerbs(command: Command, noun: Pick<Noun, 'path'>): void {
  command.addCommand(editStepsCommand(noun)).addCommand(searchCommand(noun)).addCommand(stepTypesCommand())
}

function editStepsCommand(noun: Pick<Noun, 'path'>): Command {
  return new Command('edit-steps')
    .description('change steps and groups: all edits are made, or none')
    .argument('<id>')
    .requiredOption('--file <edits>', 'the edits, YAML or JSON')
    .option('--revision <n>', 'only if this is still the newest, so that the paths are those you looked at')
    .option('--comment <text>', 'why; the revision keeps it')
    .addHelpText('after', `\n${editsHelp}`)
    .action(
      async (
        id: string,
        given: { file: string; revision?: string; comment?: string },
        self: Command,
      ): Promise<void> => {
        const client = new ApiClient(self)
        const { file, revision, comment } = given
        const body = { edits: readDocument(file), ...(comment === undefined ? {} : { comment }) }
        const etag = revision === undefined ? undefined : `"${readNumber(revision)}"`
        const { fields } = await client.send('POST', `${pathOf(noun, id)}/edits`, body, etag)
        const { name, revision: made } = fields
        printObject(client, client.json ? fields : { name, revision: made })
      },
    )
}

interface SearchOptions {
  readonly in?: readonly string[]
  readonly only?: string
  readonly continueOnError?: true
  readonly withCondition?: true
}

function searchCommand(noun: Pick<Noun, 'path'>): Command {
  return new Command('search')
    .description('find steps and groups, with their paths; without a text: all that the options leave')
    .argument('<id>')
    .argument('[text]', 'in any case')
    .option('--in <scope...>', `look only in ${searchScopes.join(', ')}`)
    .option('--only <steps|groups>', 'steps, or groups')
    .option('--continue-on-error', 'only what continues on error')
    .option('--with-condition', 'only what has a condition')
    .action(async (id: string, text: string | undefined, options: SearchOptions, self: Command) => {
      const client = new ApiClient(self)
      const query = new URLSearchParams({ text: text ?? '' })
      if (options.in !== undefined) query.set('scopes', readTexts(options.in).join(','))
      if (options.only !== undefined) query.set('nodes', options.only)
      if (options.continueOnError === true) query.set('continueOnError', 'true')
      if (options.withCondition === true) query.set('hasCondition', 'true')
      const { fields } = await client.get(`${pathOf(noun, id)}/search?${query.toString()}`)
      if (client.json) {
        printJson(fields)
        return
      }
      const items = hitsSchema
        .parse(fields)
        .hits.map((hit) => ({ ...hit, path: JSON.stringify(hit.path), place: printPlace(hit.path) }))
      printList(client, { items }, ['path', 'place', 'kind', 'name', 'found'])
    })
}

function stepTypesCommand(): Command {
  return new Command('step-types')
    .description('what types of step there are; with a type: its fields, their limits and variables')
    .argument('[type]', 'such as run-command-line')
    .action(async (type: string | undefined, _options: object, self: Command) => {
      const client = new ApiClient(self)
      const { fields } = await client.get('/task-sequence-step-types')
      if (type === undefined) {
        printList(client, fields, ['type', 'title', 'category', 'runsIn'])
        return
      }
      const found = typesSchema.parse(fields).items.find((item) => item.type === type)
      if (found === undefined) throw new CliError(`there is no type of step ${type}; \`step-types\` lists them`)
      printObject(client, found)
    })
}
