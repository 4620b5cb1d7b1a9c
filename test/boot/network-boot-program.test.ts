/** Which first file each firmware gets, and that it never gets another one's (peers.md D05, D23; PX-08, PX-15). */

import test from 'ava'
import type { Boot } from '../../server/boot/boot-decision.ts'
import { type NetworkBootProgram, networkBootProgram } from '../../server/boot/network-boot-program.ts'
import type { PxeClient } from '../../server/boot/pxe-client.ts'
import type { BootImage } from '../../server/site/boot-image.ts'
import { bootImage, client, content, deployment, platforms } from '../support/boot-fixtures.ts'

function boot(image = bootImage()): Boot {
  return { kind: 'boot', reason: 'required', rejected: [], bootImage: image, deployment: deployment('RVL20001') }
}

const gets = test.macro((t, asking: Partial<PxeClient>, expected: NetworkBootProgram) => {
  t.deepEqual(networkBootProgram(client(asking), boot()), expected)
})

const tftp = (file: string) => ({ kind: 'tftp', file: `boot/RVL00001/3/loader/${file}` }) as const
const http = (file: string) => ({ kind: 'http', path: `/boot/images/RVL00001/3/loader/${file}` }) as const
const script = { kind: 'script', path: '/boot/autoexec.ipxe' } as const

test('D05: BIOS over TFTP', gets, { platform: platforms.bios }, tftp('undionly.kpxe'))
test('D05: x64 UEFI over TFTP', gets, { platform: platforms.uefiX64 }, tftp('snponly-x64.efi'))
test('D05: x86 UEFI over TFTP (6)', gets, { platform: platforms.uefiX86 }, tftp('snponly-x86.efi'))
test('D05: ARM64 UEFI over TFTP (11)', gets, { platform: platforms.uefiArm64 }, tftp('snponly-arm64.efi'))
test('D05: x86 UEFI over HTTP (15)', gets, { platform: platforms.httpX86 }, http('snponly-x86.efi'))
test('D05: x64 UEFI over HTTP (16)', gets, { platform: platforms.httpX64 }, http('snponly-x64.efi'))
test('D05: ARM64 UEFI over HTTP (19)', gets, { platform: platforms.httpArm64 }, http('snponly-arm64.efi'))
test('PX-15: an iPXE of anybody gets the script', gets, { stage: 'ipxe' }, script)
test('PX-15: our iPXE gets the script, not the loader again', gets, { stage: 'ours', platform: platforms.bios }, script)

const refuses = test.macro((t, asking: Partial<PxeClient>, expected: RegExp, image?: BootImage) => {
  const program = networkBootProgram(client(asking), boot(image))
  t.is(program.kind, 'none')
  if (program.kind === 'none') t.regex(program.reason, expected)
})

test(
  'PX-08: BIOS over HTTP (20) gets no file',
  refuses,
  { platform: platforms.httpBios },
  /^no loader exists for BIOS over http; boot image RVL00001 \(Boot image\) is not sent$/,
)
test(
  'PX-08: RISC-V gets no file',
  refuses,
  { platform: platforms.riscv },
  /^no loader exists for architecture 27 over tftp/,
)
test(
  'D05: 32-bit ARM gets no file, and not that of ARM64',
  refuses,
  { platform: platforms.uefiArm32 },
  /architecture 10/,
)
test(
  'D05: a missing loader is a sentence that names boot image and architecture',
  refuses,
  { platform: platforms.uefiArm64 },
  /^boot image RVL00001 \(Boot image\) holds no loader\/snponly-arm64\.efi, the loader for arm64 UEFI over tftp$/,
  bootImage({ content: content(['vmlinuz', 'initrd.img', 'loader/undionly.kpxe', 'loader/snponly-x64.efi']) }),
)

test('D23, PX-14: without a deployment no file is offered, to no firmware and no iPXE', (t) => {
  for (const stage of ['firmware', 'ipxe', 'ours'] as const) {
    for (const kind of ['continue-to-local-disk', 'ignore'] as const) {
      const program = networkBootProgram(client({ stage }), { kind, reason: 'nothing is deployed', rejected: [] })
      t.deepEqual(program, { kind: 'none', reason: 'nothing is deployed' })
    }
  }
})

test('PX-08, D05: every platform gets its own file or none', (t) => {
  for (const platform of Object.values(platforms)) {
    const program = networkBootProgram(client({ platform }), boot())
    if (program.kind === 'none') continue
    const name = program.kind === 'tftp' ? program.file : program.path
    t.regex(name, platform.firmware === 'bios' ? /undionly/ : new RegExp(`snponly-${platform.architecture}\\.efi$`))
    t.true(name.length <= 127)
  }
})

test('S6-044: a mistake that the machine should show gets the loader of its architecture, and an ordinary "nothing" gets none', (t) => {
  const nothing = { kind: 'continue-to-local-disk', reason: 'nothing is deployed', rejected: [] } as const
  t.is(networkBootProgram(client({ platform: platforms.bios }), nothing).kind, 'none')
  const mistake = { ...nothing, publicText: 'It names a deployment that cannot run.', shownBy: bootImage() }
  t.deepEqual(networkBootProgram(client({ platform: platforms.bios }), mistake), tftp('undionly.kpxe'))
  t.deepEqual(networkBootProgram(client({ stage: 'ipxe' }), mistake), script)
})
