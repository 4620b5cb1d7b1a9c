/** What the files of a driver package say of the hardware they are for: `.inf` files of several encodings, modules of Linux. */

import { zstdCompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { indexDrivers } from '../../server/content/index-drivers.ts'
import type { ContentFile } from '../../server/site/content.ts'
import { findDriversFor, indexedHardwareIdsMax } from '../../server/site/driver-index.ts'
import type { SystemFamily } from '../../server/site/platform.ts'
import { openTestLibrary } from './open-test-library.ts'

async function index(t: ExecutionContext, system: SystemFamily, named: Readonly<Record<string, Uint8Array>>) {
  const { library } = await openTestLibrary(t)
  const files: ContentFile[] = []
  for (const [name, octets] of Object.entries(named)) files.push({ name, ...(await library.add(one(octets))) })
  return indexDrivers(system, files, library)
}

async function* one(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

const information = `; PCI\\VEN_0000&DEV_0000 in a comment
[Version]
Signature = "$WINDOWS NT$"
DriverVer = 06/21/2006, 12.15.22.6
[Manufacturer]
%Intel% = Intel, NTamd64.10.0
[Intel.NTamd64.10.0]
%E15B7.Desc% = E15B7.10.0, PCI\\VEN_8086&DEV_15B7, PCI\\VEN_8086&DEV_15B7&SUBSYS_00008086 ; the second one
%Serial.Desc%=Serial_Inst,*PNP0501
[E15B7.Service]
ServiceBinary = %12%\\e1d.sys
AddReg = Dummy, %11%\\other.dll
[Strings]
Intel = "Intel, C:\\Path"
`
const hardwareIds = ['PCI\\VEN_8086&DEV_15B7', 'PCI\\VEN_8086&DEV_15B7&SUBSYS_00008086', '*PNP0501']

const encodings = [
  ['ASCII', Buffer.from(information, 'latin1')],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${information}`)],
  ['UTF-16, little end first', Buffer.from(`\ufeff${information}`, 'utf16le')],
  ['UTF-16, big end first', Buffer.from(`\ufeff${information}`, 'utf16le').swap16()],
  ['lines of Windows', Buffer.from(information.replaceAll('\n', '\r\n'))],
] as const

for (const [encoding, octets] of encodings) {
  test(`S2-068: an .inf file (${encoding}) names its hardware ids`, async (t) => {
    const found = await index(t, 'windows', { 'net/e1d.INF': octets, 'net/e1d.sys': Buffer.from('MZ') })
    t.deepEqual(found, { drivers: [{ file: 'net/e1d.INF', hardwareIds }], unread: [] })
  })
}

const module = Buffer.concat([
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff]),
  Buffer.from('text with alias=pci:vnot\0license=GPL\0alias=pci:v00008086d000015B7sv*sd*bc*sc*i*\0alias=e1000e-old\0'),
  Buffer.from('alias=acpi*:INT33A1:*\0alias=usb:v0BDAp8153d*dc*dsc*dp*icFFiscFFip00in*\0depends=\0'),
])

test('S2-068: a Linux module has its aliases, also when zstd compressed it; one that cannot be read is named', async (t) => {
  const aliases = [
    'pci:v00008086d000015B7sv*sd*bc*sc*i*',
    'acpi*:INT33A1:*',
    'usb:v0BDAp8153d*dc*dsc*dp*icFFiscFFip00in*',
  ]
  const found = await index(t, 'linux', {
    '6.12.0-1-amd64/kernel/net/e1000e.ko': module,
    '6.12.0-1-amd64/kernel/net/r8152.ko.zst': zstdCompressSync(module),
    '6.12.0-1-amd64/kernel/net/igb.ko.xz': Buffer.from('xz'),
    'broken.ko.zst': Buffer.from('not zstd'),
    'firmware/net.bin': Buffer.from('firmware'),
  })
  const kernelRelease = '6.12.0-1-amd64'
  t.deepEqual(found, {
    drivers: [
      { file: '6.12.0-1-amd64/kernel/net/e1000e.ko', kernelRelease, hardwareIds: aliases },
      { file: '6.12.0-1-amd64/kernel/net/r8152.ko.zst', kernelRelease, hardwareIds: aliases },
    ],
    unread: ['6.12.0-1-amd64/kernel/net/igb.ko.xz', 'broken.ko.zst'],
  })
})

test('a file that names more hardware than there is does not fill the site', async (t) => {
  const lines = Array.from({ length: indexedHardwareIdsMax + 5 }, (_, n) => `%D% = I, PCI\\VEN_${n}`)
  const found = await index(t, 'windows', { 'a.inf': Buffer.from(lines.join('\n')), 'b.inf': Buffer.from(information) })
  t.is(found.drivers[0]?.hardwareIds.length, indexedHardwareIdsMax)
  t.deepEqual(found.unread, ['b.inf'])
})

const fits: readonly (readonly [pattern: string, id: string, fits: boolean])[] = [
  ['PCI\\VEN_8086&DEV_15B7', 'pci\\ven_8086&dev_15b7', true],
  ['PCI\\VEN_8086&DEV_15B7', 'PCI\\VEN_8086&DEV_15B8', false],
  ['*PNP0501', 'ACPI\\PNP0501', false],
  ['*PNP0501', '*PNP0501', true],
  ['pci:v00008086d000015B7sv*sd*bc*sc*i*', 'pci:v00008086d000015B7sv000017AAsd00002279bc02sc00i00', true],
  ['pci:v00008086d000015B7sv*sd*bc*sc*i*', 'pci:v00008086d000015B8sv000017AAsd00002279bc02sc00i00', false],
  ['usb:v0BDAp8153d*ip00in*', 'usb:v0BDAp8153d3100dc00dsc00dp00icFFiscFFip00in00', true],
  ['acpi*:PNP0501:*', 'acpi:PNP0501:PNP0500:', true],
  ['platform:serial8250', 'platform:serial8250', true],
  ['a:b*b', 'a:b', false],
  ['a:*x*x', 'a:x', false],
  ['a:(.+)+$', 'a:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', false],
]

for (const [pattern, id, expected] of fits) {
  test(`S2-068: ${pattern} ${expected ? 'fits' : 'does not fit'} ${id}`, (t) => {
    const drivers = [{ file: 'a', hardwareIds: [pattern] }]
    t.is(findDriversFor(['nothing', id], { drivers, unread: [] }).length, expected ? 1 : 0)
  })
}
