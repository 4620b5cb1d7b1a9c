/**
 * Every firmware starts every kind of image, as a disc and as a stick, up to the boot image: BIOS, UEFI, and UEFI with Secure
 * Boot, which starts Debian's signed chain only. No network is there, and none is needed to come so far. Where disks of the machine
 * have marks of the medium, its menu goes on to the one of the latest run.
 */

import { createHash } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { writeStartMark } from '../../bootstrap/medium/start-mark.ts'
import { layOutMedium } from '../../media/medium/lay-out-medium.ts'
import type { MediumFormat, MediumSpec } from '../../media/medium/medium-spec.ts'
import { planMedium } from '../../media/medium/plan-medium.ts'
import { writeLayout } from '../../media/read-layout.ts'
import { sealVariables } from '../../media/signed/sealed-variables.ts'
import { makeSigningKey, rawPublicKey, readSigningKey } from '../../media/signed/site-key.ts'
import { bootImageDirectory, readBuiltBootImage } from '../../scripts/prepare-images.ts'
import { startVirtualMachine, type VirtualMachineOptions } from '../../scripts/lab/virtual-machine.ts'
import { parseMediumId } from '../../server/contract/medium.ts'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { makeTellingDisk } from '../support/telling-disk.ts'

const mediumId = parseMediumId(createHash('md5').update('media-start').digest('hex')) ?? raise()
const bootImageId = parsePackageId('RVL00001') ?? raise()
const signingKey = readSigningKey(makeSigningKey())

function raise(): never {
  throw new Error('an identifier of the test is none')
}

/** A medium that nothing is on but what starts. */
async function writeMedium(format: MediumFormat, file: string): Promise<void> {
  const { directory, files } = await readBuiltBootImage(bootImageDirectory('virtual'))
  const spec: MediumSpec = {
    manifest: {
      format: 1,
      mediumId,
      siteCode: 'RVL',
      kind: format === 'disk' ? 'prestaged' : 'bootable',
      label: 'Start of the tests',
      createdAtMs: Date.UTC(2026, 0, 1),
      unattended: false,
      passwordRequired: false,
      serverSelection: 'site-based',
      servers: ['http://192.0.2.1:8080'],
      bootImage: { id: bootImageId, version: 1, architecture: 'x64' },
      contents: [],
    },
    bootFiles: files,
    kernelArguments: ['console=tty0', 'console=ttyS0,115200'],
    siteKey: rawPublicKey(signingKey),
  }
  const planned = planMedium(spec)
  if (planned.kind === 'refused') throw new Error(planned.faults.join('\n'))
  const [first] = planned.volumes
  const variables = await sealVariables({ variables: [] }, { mediumId, files: first?.files ?? [] })
  const nameOf = (sha256: string): string => join(directory, files.find((each) => each.sha256 === sha256)?.name ?? '')
  const made = {
    variables,
    signingKey,
    readBootFile: (each: { readonly sha256: string }) => readFile(nameOf(each.sha256)),
  }
  const laidOut = await layOutMedium(planned, { number: 1, format }, made)
  if (laidOut.kind === 'refused') throw new Error(laidOut.faults.join('\n'))
  const target = await open(file, 'w')
  await writeLayout(laidOut.layout, target, { pathOf: nameOf })
  await target.close()
}

type Start = readonly [VirtualMachineOptions['firmware'], MediumFormat, 'disc' | 'stick' | 'disk']

const starts: readonly Start[] = [
  ['bios', 'iso', 'disc'],
  ['bios', 'iso', 'stick'],
  ['bios', 'usb', 'stick'],
  ['uefi', 'iso', 'disc'],
  ['uefi', 'iso', 'stick'],
  ['uefi', 'usb', 'stick'],
  ['uefi-secure', 'iso', 'disc'],
  ['uefi-secure', 'usb', 'stick'],
  ['bios', 'disk', 'disk'],
  ['uefi', 'disk', 'disk'],
]

let directory = ''
test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-media-start-'))
  await writeMedium('iso', join(directory, 'medium.iso'))
  await writeMedium('usb', join(directory, 'medium.usb'))
  await writeMedium('disk', join(directory, 'medium.disk'))
})
test.after.always(() => rm(directory, { recursive: true, force: true }))

for (const [firmware, format, as] of starts) {
  const what = { iso: 'the ISO image', usb: 'the image of a stick', disk: 'a prestaged disk' }[format]
  const file = (): string => join(directory, `medium.${format}`)
  test.serial(`S7-036: ${firmware} starts ${what} as a ${as}, up to the boot image`, async (t) => {
    const machine = await startVirtualMachine({
      name: `${firmware}-${format}-${as}`,
      directory,
      macAddress: '52:54:00:05:00:01',
      firmware,
      ...(as === 'disk' ? { disk: { file: file(), megabytes: 2_048, first: true } } : { medium: { file: file(), as } }),
    })
    try {
      await machine.waitForSerial(/Reveille: boot image x64 virtual/, 240_000)
      if (firmware === 'uefi-secure') t.regex(machine.serial(), /secure ?boot|Secure boot/i)
      t.pass()
    } finally {
      await machine.stop()
    }
  })
}

interface MarkedDisk {
  readonly order: number
  readonly next: 'disk' | 'medium'
}

async function startWithDisks(start: Start, marks: readonly MarkedDisk[]) {
  const [firmware, format, as] = start
  const disks = marks.map((mark, index) => {
    const folder = join(directory, `disk-${index}`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    return makeTellingDisk(folder, {
      says: `started disk ${index}.`,
      fill: (root) => writeStartMark(root, { mediumId, ...mark }),
    })
  })
  return startVirtualMachine({
    name: `marked-${firmware}-${format}-${as}`,
    directory,
    macAddress: '52:54:00:05:00:01',
    firmware,
    medium: { file: join(directory, `medium.${format}`), as: as === 'disc' ? 'disc' : 'stick' },
    moreDisks: disks,
  })
}

const told: readonly (readonly [Start, readonly MarkedDisk[], RegExp])[] = [
  ...starts
    .filter(([firmware, , as]) => firmware !== 'uefi-secure' && as !== 'disk')
    .map(
      (start) =>
        [
          start,
          [
            { order: 9, next: 'disk' },
            { order: 10, next: 'disk' },
          ],
          /started disk 1\./,
        ] as const,
    ),
  [
    ['bios', 'iso', 'disc'],
    [
      { order: 10, next: 'disk' },
      { order: 9, next: 'medium' },
    ],
    /started disk 0\./,
  ],
  [
    ['bios', 'usb', 'stick'],
    [
      { order: 9, next: 'disk' },
      { order: 10, next: 'medium' },
    ],
    /Reveille: boot image x64 virtual/,
  ],
  [
    ['uefi', 'iso', 'disc'],
    [
      { order: 10, next: 'disk' },
      { order: 10, next: 'disk' },
    ],
    /have the same mark, so none is started by itself[^]*Reveille: boot image x64 virtual/,
  ],
]

for (const [start, marks, expected] of told) {
  const disks = marks.map(({ order, next }) => `${order} ${next}`).join(', ')
  test.serial(
    `a medium goes on to the disk of its latest run and to no other: ${start.join(' ')}, marks ${disks}`,
    async (t) => {
      const machine = await startWithDisks(start, marks)
      try {
        await machine.waitForSerial(/started disk \d\.|Reveille: boot image/, 240_000)
        t.regex(machine.serial(), expected)
      } finally {
        await machine.stop()
      }
    },
  )
}
