/** Set Dynamic Variables and Check Readiness on the machine of the test, and on machines made of files. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseIpv4Gateways, parseIpv6Gateways, readMachineFacts } from '../../../bootstrap/machine-facts.ts'
import { readReadinessFacts } from '../../../bootstrap/readiness-facts.ts'
import { checkReadiness } from '../../../bootstrap/steps/check-readiness.ts'
import { setDynamicVariables } from '../../../bootstrap/steps/set-dynamic-variables.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { actionOf, environmentOf } from '../../support/actions.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

function makeFiles(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const root = makeFolder(t)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('S2-021, S2-022: facts and rules become variables, with secrets of the sequence known', async (t) => {
  const action = actionOf({
    type: 'set-dynamic-variables',
    rules: [
      {
        when: { kind: 'computer', macAddresses: ['52-54-00-00-00-01'] },
        variables: [{ variable: 'Key', value: '%Pin%' }],
      },
      { when: { kind: 'make-and-model', make: 'DELL', model: '*' }, variables: [{ variable: 'Dell', value: '1' }] },
    ],
  })
  const context = makeContext(makeFolder(t), { environment: environmentOf({ Pin: 'swordfish' }, ['Pin']) })
  const result = await setDynamicVariables(action, context)
  t.is(result.exitCode, 0)
  const mac = result.variables.find(({ name }) => name === '_SMSTSMacAddresses')
  t.is(mac?.value, '52:54:00:00:00:01')
  t.deepEqual(result.variables.at(-1), { name: 'Key', value: 'swordfish', secret: true })
  t.deepEqual(context.lines, ['log rule 1: holds', 'log rule 2: does not hold'])
})

test('S2-021: gateways and the asset tag come from the kernel', async (t) => {
  const root = makeFiles(t, {
    'sys/class/dmi/id/chassis_asset_tag': 'TAG-7\n',
    'proc/net/route':
      'Iface Destination Gateway Flags\neth0 00000000 0100000A 0003\neth0 0000000A 00000000 0001\neth1 00000000 0100000A 0003\n',
    'proc/net/ipv6_route':
      '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000000 00000000 00000003 eth0\n',
  })
  const facts = await readMachineFacts(makeContext(root).hardware, root)
  t.is(facts.assetTag, 'TAG-7')
  t.deepEqual(facts.defaultGateways, ['10.0.0.1', 'fe80::1'])
  t.deepEqual(parseIpv4Gateways('nonsense'), [])
  t.deepEqual(parseIpv6Gateways(''), [])
})

test('S2-026: what is missing fails the step once, with 4316, and all was checked', async (t) => {
  const action = actionOf({
    type: 'check-readiness',
    minimumMemoryMegabytes: 1_024,
    minimumSpeedMegahertz: 0,
    architecture: '64-bit',
    minimumClientVersion: '0.0.1',
  })
  const context = makeContext(makeFolder(t))
  const result = await checkReadiness(action, context)
  t.is(result.exitCode, 4_316)
  t.is(result.message, 'the machine is not ready: memory: 0 MB, wanted at least 1024 MB')
  t.deepEqual(context.lines, [
    'log failed memory: 0 MB, wanted at least 1024 MB',
    'log passed architecture: 64-bit, wanted 64-bit',
    'log passed version of the client: 0.1.0, wanted at least 0.0.1',
  ])
  t.deepEqual(
    result.variables.filter(({ value }) => value !== '').map(({ name, value }) => `${name}=${value}`),
    ['_TS_CRMEMORY=0', '_TS_CRARCH=1', '_TS_CRCLIENTMINVER=1'],
  )
})

test('S2-025: a machine that is ready', async (t) => {
  const action = actionOf({
    type: 'check-readiness',
    minimumMemoryMegabytes: 0,
    minimumSpeedMegahertz: 1,
    minimumDiskMegabytes: 1,
  })
  const context = makeContext(makeFolder(t), { where: 'installed-system', target: new TargetSystem('/', () => {}) })
  t.is((await checkReadiness(action, context)).exitCode, 0)
})

test('S2-025: what an installed system tells', async (t) => {
  const root = makeFiles(t, {
    'etc/os-release': 'ID=debian\nVERSION_ID="12.5"\n',
    'etc/default/locale': 'LANG="de_AT.UTF-8"\n',
    'sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq': '2400000\n',
    'sys/class/power_supply/BAT0/type': 'Battery\n',
    'sys/class/power_supply/AC/type': 'Mains\n',
    'sys/class/power_supply/AC/online': '0\n',
    'sys/class/net/wlan0/carrier': '1\n',
    'sys/class/net/wlan0/device': '',
    'sys/class/net/wlan0/wireless': '',
    'sys/class/net/lo/carrier': '1\n',
    'etc/systemd/system/x': '',
  })
  symlinkSync('/lib/systemd/system/graphical.target', join(root, 'etc/systemd/system/default.target'))
  const installed = makeContext(root, { where: 'installed-system', target: new TargetSystem(root, () => {}) })
  const { memoryMegabytes, freeDiskMegabytes, ...facts } = await readReadinessFacts(installed, root)
  t.is(memoryMegabytes, 0)
  t.true((freeDiskMegabytes ?? 0) > 0)
  t.deepEqual(facts, {
    speedMegahertz: 2_400,
    architecture: '64-bit',
    osVersion: '12.5',
    osType: 'client',
    osLanguage: 'de-AT',
    clientVersion: '0.1.0',
    onAcPower: false,
    isConnected: true,
    isWired: false,
  })
})

test('S2-025: the boot image has no system to tell of, and the disk is the largest one', async (t) => {
  const root = makeFiles(t, { 'proc/cpuinfo': 'processor : 0\ncpu MHz\t\t: 1800.5\ncpu MHz\t\t: 2100.9\n' })
  const disk = { name: 'sda', device: '/dev/sda', sectorBytes: 512, removable: false }
  const disks = [
    { ...disk, bytes: 8 * 1_048_576 },
    { ...disk, bytes: 9 * 1_048_576 },
  ]
  const facts = await readReadinessFacts(makeContext(root, { disks }), root)
  t.is(facts.freeDiskMegabytes, 9)
  t.is(facts.speedMegahertz, 2_100)
  t.is(facts.osVersion, undefined)
  t.true(facts.onAcPower)
  t.false(facts.isConnected)
})
