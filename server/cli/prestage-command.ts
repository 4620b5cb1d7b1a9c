/**
 * Prestaged content (S8-008): `prestage` of a noun writes the file, and `distribution-point import` puts it into the library of a
 * distribution point. The second works on the machine that it is started on, and asks no server.
 */

import { Command } from 'commander'
import { systemErrorCode } from '../caught-error.ts'
import { ContentError } from '../content/content-error.ts'
import type { PrestagedContent } from '../content/prestaged-content.ts'
import { DistributionPointError } from '../distribution-point/distribution-point-error.ts'
import { importContent } from '../distribution-point/import-content.ts'
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { replaceFile, writeNew } from './new-file.ts'
import { type Noun, pathOf } from './object-command.ts'
import { plainText, printJson } from './print.ts'
import { Progress, showProgress } from './show-progress.ts'

interface PrestageOptions {
  readonly out: string
  readonly replace?: true
  readonly compression: string
}

export function addPrestage(command: Command, noun: Pick<Noun, 'path'>): void {
  command
    .command('prestage')
    .description('write its content into a prestaged content file, for distribution-point import')
    .argument('<id>')
    .requiredOption('--out <file>', 'the file to write, such as tools.pkgx')
    .option('--replace', 'also when there is one of this name')
    .option('--compression <zstd|none>', 'none: for content of mostly zeros, and where time counts', 'zstd')
    .action(async (id: string, { out, replace, compression }: PrestageOptions, self: Command) => {
      const client = new ApiClient(self)
      const { octets, bytes } = await client.downloadSized('POST', `${pathOf(noun, id)}/prestage`, { compression })
      const progress = new Progress('received', bytes)
      await (replace === true ? replaceFile : writeNew)(out, counted(octets, progress))
      progress.end()
      if (client.json) printJson({ file: out, bytes: progress.done })
      else process.stdout.write(`${out}  ${progress.done} octets\n`)
    })
}

async function* counted(octets: AsyncIterable<unknown>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of octets) {
    if (!Buffer.isBuffer(chunk)) continue
    progress.add(chunk.length)
    yield chunk
  }
}

interface ImportFlags {
  readonly data: string
  readonly newerOnly?: true
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'put a prestaged content file into the library of the distribution point on this machine, running or not',
    )
    .argument('<file>')
    .option('--data <dir>', 'the data directory that the distribution point is started with', './data')
    .option('--newer-only', 'only what is newer than what is here')
    .action(async (file: string, { data, newerOnly }: ImportFlags, self: Command) => {
      const asked = { file, dataDirectory: data, newerOnly: newerOnly === true, progress: showProgress('read') }
      const result = await importContent(asked).catch(giveUp)
      if (result.kind === 'refused') throw new CliError(`${file}: nothing was imported. ${result.fault}`)
      const { taken, left, added } = result
      if (self.optsWithGlobals<{ json?: true }>().json === true) {
        printJson({ imported: taken.map(named), left: left.map(named), files: added.length })
        return
      }
      for (const content of taken) process.stdout.write(`${line(content)}: imported\n`)
      for (const content of left) process.stdout.write(`${line(content)}: left, nothing in it is newer\n`)
      const bytes = added.reduce((sum, one) => sum + one.bytes, 0)
      process.stdout.write(`${added.length} files with ${bytes} octets were not here before\n`)
    })
}

const named = ({ id, version }: PrestagedContent) => ({ id, version })

function line({ id, version, kind, name }: PrestagedContent): string {
  return plainText(`${id} ${version}  ${kind} ${name}`)
}

/** What the administrator can do something about is said; our own mistakes keep their stack. */
function giveUp(error: unknown): never {
  const isKnown = [DistributionPointError, ContentError].some((kind) => error instanceof kind)
  if (error instanceof Error && (isKnown || systemErrorCode(error) !== undefined)) {
    throw new CliError(`nothing was imported: ${error.message}`, { cause: error })
  }
  throw error
}
