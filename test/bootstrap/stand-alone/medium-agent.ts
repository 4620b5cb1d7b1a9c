/**
 * The agent in the boot image, started from a medium that is a folder: verified, opened, gone on with or begun. A person's answers
 * are lines: the password, and which folder is inserted when a volume is asked for. `REVEILLE_TEST_DISK` is its one disk.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { resumeFromMedium, runFromMedium } from '../../../bootstrap/stand-alone/run-from-medium.ts'
import type { RunMedium } from '../../../bootstrap/stand-alone/content-medium.ts'
import { MachineConsole } from '../../../bootstrap/console.ts'
import { Identity } from '../../../bootstrap/identity.ts'
import { ManagementPoint } from '../../../bootstrap/management-point.ts'
import { Redactor } from '../../../bootstrap/redactor.ts'
import type { Machine } from '../../../bootstrap/run-session.ts'
import { openVariables } from '../../../media/signed/sealed-variables.ts'
import { readVerified, verifyManifest, type MediumReader } from '../../../media/signed/verify-medium.ts'
import { mediumFiles, type MediumManifest } from '../../../server/contract/medium.ts'
import { readerOf } from './folder-medium.ts'

const folder = process.env['REVEILLE_TEST'] ?? ''
const media = join(folder, 'media')
const siteKey = readFileSync(join(media, 'site-key'), 'utf8')
const redactor = new Redactor()
const console = new MachineConsole(redactor, (text) => process.stdout.write(text))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function verified(reader: MediumReader): Promise<MediumManifest> {
  const answer = await verifyManifest(reader, { siteKey, nowMs: Date.now() })
  if (answer.kind === 'verified') return answer.manifest
  throw new Error(answer.reason)
}

async function openMedium(): Promise<RunMedium> {
  let reader = readerOf(join(media, '1'))
  let inserted = 1
  const manifest = await verified(reader)
  return {
    manifest,
    get reader() {
      return reader
    },
    volumeOf: (sha256) => manifest.volumeOf?.[sha256] ?? 1,
    requireVolume: async (number) => {
      while (inserted !== number) {
        console.say(`Insert volume ${number}.`)
        const { value, done } = await lines.next()
        if (done === true) return false
        reader = readerOf(join(media, String(value)))
        inserted = (await verified(reader)).volume.number
      }
      return true
    },
  }
}

function machineOf(): Machine {
  const disk = process.env['REVEILLE_TEST_DISK']
  const disks = disk === undefined ? [] : [JSON.parse(disk)]
  const identity = new Identity()
  const onFault = (): void => {}
  const { identityKey, sealingKey, nonce } = identity
  const macAddresses = ['52:54:00:aa:bb:cc']
  const hardware = { architecture: 'x64', firmware: 'bios', secureBoot: false, macAddresses } as const
  return {
    where: 'boot-image',
    hello: {
      protocol: 1,
      identityKey,
      sealingKey,
      nonce,
      hardware: { ...hardware, memoryBytes: 1, disks: [] },
      startedFrom: 'media',
      agentVersion: '0.1.0',
    },
    disks,
    otherDisks: [],
    server: [],
    console,
    redactor,
    managementPoint: new ManagementPoint({ server: [], identity, onFault, signal: new AbortController().signal }),
    onFault,
    runtimeFolder: join(folder, 'runtime'),
    scratchFolder: '/run/reveille',
  }
}

async function begin(machine: Machine, medium: RunMedium): Promise<number | undefined> {
  const { manifest, reader } = medium
  const octets = await readVerified(reader, manifest, mediumFiles.variables)
  if (octets === undefined) throw new Error(`${mediumFiles.variables} was altered`)
  const { mediumId, files } = manifest
  const password = manifest.passwordRequired ? { password: String((await lines.next()).value) } : {}
  const opened = await openVariables(octets, { mediumId, files, ...password })
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  const { policy, variables } = opened.contents
  if (policy === undefined) throw new Error('no policy')
  return runFromMedium(machine, { medium, policy, variables, launchMode: 'UFD' })
}

const machine = machineOf()
const medium = await openMedium()
const end = await resumeFromMedium(machine, medium)
if (end === 'none') await begin(machine, medium)
console.say('This machine stays as it is.')
process.exit(0)
