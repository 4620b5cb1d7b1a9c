/** What conditions are told about a machine: files below a folder that stands for the system, and its package manager. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type InspectionContext, inspectMachine } from '../../bootstrap/inspect-machine.ts'
import { resolveInside } from '../../bootstrap/resolve-inside.ts'
import { TargetSystem } from '../../bootstrap/target-system.ts'
import { answerWmiQuery } from '../../bootstrap/wmi-query.ts'
import type { Hardware } from '../../server/contract/agent.ts'
import type { MachineQuestion } from '../../server/sequence/inspection.ts'
import { makeFolder } from './loop-disk.ts'

const hardware: Hardware = {
  architecture: 'x64',
  firmware: 'uefi',
  secureBoot: false,
  macAddresses: [],
  manufacturer: 'Dell Inc.',
  model: 'Latitude 7490',
  serialNumber: 'ABC',
  memoryBytes: 8 * 2 ** 30,
  disks: [],
}

function makeSystem(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  changes: Partial<InspectionContext> = {},
) {
  const root = makeFolder(t)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const target = new TargetSystem('/nowhere', () => {})
  const context: InspectionContext = {
    where: 'installed-system',
    hardware,
    target,
    variable: () => '',
    systemRoot: root,
    ...changes,
  }
  return { root, ask: async (...questions: readonly MachineQuestion[]) => inspectMachine(questions, context) }
}

const old = new Date('2026-01-31T08:00:00.900Z')

test('S1-023: files and folders are found, with their times in UTC, and links count as what they lead to', async (t) => {
  const { root, ask } = makeSystem(t, { 'etc/hostname': 'lab-1\n' })
  symlinkSync('hostname', join(root, 'etc/name'))
  symlinkSync('nowhere', join(root, 'etc/broken'))
  utimesSync(join(root, 'etc/hostname'), old, old)
  utimesSync(join(root, 'etc'), old, old)
  const modifiedAt = '2026-01-31T08:00:00Z'
  const paths = ['/etc/hostname', '/etc/name', '/etc', '/etc/broken', '/etc/hostname/x', '/none', 'C:\\Windows']
  t.deepEqual(await ask(...paths.map((path): MachineQuestion => ({ kind: 'file', path }))), [
    { kind: 'path', found: 'file', modifiedAt },
    { kind: 'path', found: 'file', modifiedAt },
    { kind: 'path', found: 'folder', modifiedAt },
    { kind: 'path', found: 'nothing' },
    { kind: 'path', found: 'nothing' },
    { kind: 'path', found: 'nothing' },
    { kind: 'unavailable', reason: 'a full path on Linux begins with "/"' },
  ])
})

test('S1-023: in the boot image, paths below OSDTargetSystemRoot are those of the applied system, and its links stay in it', async (t) => {
  const root = makeFolder(t)
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  writeFileSync(join(root, 'usr/lib/only-there'), '')
  symlinkSync('/usr/lib', join(root, 'lib'))
  symlinkSync('../../../../lib/only-there', join(root, 'usr/climbs'))
  symlinkSync('loop', join(root, 'loop'))
  const target = new TargetSystem(root, () => {})
  target.adopt('/dev/none')
  const variables = new Map([['OSDTargetSystemRoot', root]])
  const variable = (name: string): string => variables.get(name) ?? ''
  const { ask } = makeSystem(t, {}, { where: 'boot-image', target, variable })
  const paths = ['lib/only-there', 'usr/climbs', 'usr', 'none', 'loop']
  const questions = paths.map((path): MachineQuestion => ({ kind: 'file', path: `${root}/${path}` }))
  const reasons = (await ask(...questions)).map((one) => (one.kind === 'unavailable' ? one.reason : one.kind))
  t.regex(reasons[0] ?? '', /^the applied system cannot be looked into \(no operating system was applied/)
  variables.set('OSDTargetSystemPartition', '/dev/none primary ext4 -')
  const found = (await ask(...questions)).map((one) => (one.kind === 'path' ? one.found : one.kind))
  t.deepEqual(found, ['file', 'file', 'folder', 'nothing', 'nothing'])

  t.is(await resolveInside(root, 'lib/only-there'), join(root, 'usr/lib/only-there'))
  t.is(await resolveInside(root, 'usr/climbs'), join(root, 'usr/lib/only-there'))
  t.is(await resolveInside(root, '../../usr/./lib'), join(root, 'usr/lib'))
  t.is(await resolveInside(root, 'loop'), undefined)
  t.is(await resolveInside(root, 'usr/lib/only-there/x'), undefined)
  t.is(await resolveInside(root, 'none'), undefined)
})

test('S1-023: the operating system and its language', async (t) => {
  const { ask } = makeSystem(t, {
    'usr/lib/os-release': 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE="debian other"\nVERSION_ID=\'24.04\'\n',
    'etc/default/locale': '# set by the installer\nLANG="de_AT.UTF-8"\n',
  })
  t.deepEqual(await ask({ kind: 'os-version' }, { kind: 'os-language' }), [
    { kind: 'os-version', system: 'ubuntu', like: ['debian', 'other'], version: '24.04', architecture: 'x64' },
    { kind: 'os-language', language: 'de-AT' },
  ])
  const bare = makeSystem(t, {})
  t.deepEqual(await bare.ask({ kind: 'os-version' }, { kind: 'os-language' }), [
    { kind: 'unavailable', reason: 'this system has no os-release file that names it' },
    { kind: 'os-language', language: 'en-US' },
  ])
})

test('S1-023: what Linux does not have is unavailable, with the reason', async (t) => {
  const { ask } = makeSystem(t, {})
  const answers = await ask(
    { kind: 'registry', key: 'HKLM\\Software', valueName: '' },
    { kind: 'wmi', namespace: 'root\\cimv2', query: 'SELECT * FROM Win32_Battery' },
    { kind: 'software', productCode: '{90160000-008C-0000-1000-0000000FF1CE}' },
  )
  t.deepEqual(
    answers.map((answer) => (answer.kind === 'unavailable' ? answer.reason : answer.kind)),
    [
      'there is no registry on Linux',
      'there is no WMI on Linux, and this query is none of those about hardware that are understood',
      'there is no Windows Installer on Linux',
    ],
  )
})

test('S1-023: installed software is asked of the package manager', async (t) => {
  const { ask } = makeSystem(t, {})
  const hasManager = ['dpkg-query', 'rpm'].some((name) => spawnSync(name, ['--version']).status === 0)
  const [coreutils, none, option] = await ask(
    { kind: 'software', package: 'coreutils' },
    { kind: 'software', package: 'no-such-package' },
    { kind: 'software', package: '--help' },
  )
  t.deepEqual(option, { kind: 'unavailable', reason: 'this is not the name of a package' })
  if (!hasManager) return t.is(coreutils?.kind, 'unavailable')
  t.deepEqual(none, { kind: 'software', versions: [] })
  const isDpkg = spawnSync('dpkg-query', ['--version']).status === 0
  const query = isDpkg
    ? ['dpkg-query', '-W', '-f=${Version}']
    : ['rpm', '-q', '--qf', '%{EPOCHNUM}:%{VERSION}-%{RELEASE}']
  const [program = '', ...words] = query
  const version = execFileSync(program, [...words, 'coreutils'], { encoding: 'utf8' })
  return t.deepEqual(coreutils, { kind: 'software', versions: [version] })
})

test.serial('S1-023: the rpm of busybox, which knows no installed packages, is no package manager', async (t) => {
  const { root, ask } = makeSystem(t, {})
  const programs = join(root, 'programs')
  mkdirSync(programs)
  symlinkSync('/usr/bin/busybox', join(programs, 'rpm'))
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = programs
  t.teardown(() => {
    process.env['PATH'] = before
  })
  const [answer] = await ask({ kind: 'software', package: 'coreutils' })
  t.deepEqual(answer, { kind: 'unavailable', reason: 'this system has neither dpkg nor rpm' })
})

const wmi = test.macro((t, query: string, rows: number | undefined) => {
  const answer = answerWmiQuery({ namespace: 'ROOT\\CIMV2', query }, hardware)
  t.is(answer.kind === 'wmi' ? answer.rows : undefined, rows)
})

test('S1-023: a model by pattern', wmi, 'SELECT * FROM Win32_ComputerSystem WHERE Model LIKE "%latitude%"', 1)
test('S1-023: another model', wmi, "select Model from Win32_ComputerSystem where Model = 'Latitude'", 0)
test(
  'S1-023: several comparisons',
  wmi,
  'SELECT * FROM Win32_ComputerSystem WHERE Manufacturer LIKE "Dell%" AND TotalPhysicalMemory >= 4294967296',
  1,
)
test(
  'S1-023: one of several',
  wmi,
  "SELECT * FROM Win32_ComputerSystemProduct WHERE Vendor='HP' OR IdentifyingNumber='abc'",
  1,
)
test('S1-023: no comparison at all', wmi, 'SELECT * FROM Win32_BIOS', 1)
test('S1-023: an unknown class', wmi, 'SELECT * FROM constructor', undefined)
test('S1-023: an unknown property', wmi, 'SELECT * FROM Win32_BIOS WHERE Version = "1"', undefined)
test(
  'S1-023: a precedence that nobody should guess',
  wmi,
  'SELECT * FROM Win32_BIOS WHERE SerialNumber="a" AND SerialNumber="b" OR SerialNumber="ABC"',
  undefined,
)
test('S1-023: a query that ends too early', wmi, 'SELECT * FROM Win32_BIOS WHERE SerialNumber="ABC" AND', undefined)
test('S1-023: no query', wmi, 'DELETE FROM everything', undefined)
