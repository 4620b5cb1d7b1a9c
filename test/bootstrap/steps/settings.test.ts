/** The steps that write into an applied system, on partitions of loop devices. Needs root. */

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { targetPartitionVariable } from '../../../bootstrap/require-target.ts'
import { applyNetworkSettings } from '../../../bootstrap/steps/apply-network-settings.ts'
import { applyWindowsSettings } from '../../../bootstrap/steps/apply-windows-settings.ts'
import { formatAndPartitionDisk } from '../../../bootstrap/steps/format-and-partition-disk.ts'
import { runCommandLine } from '../../../bootstrap/steps/run-command-line.ts'
import { setupWindowsAndConfigMgr } from '../../../bootstrap/steps/setup-windows-and-configmgr.ts'
import type { ApplyWindowsSettings } from '../../../server/sequence/step-types/apply-windows-settings.ts'
import type { RunCommandLine } from '../../../server/sequence/step-types/run-command-line.ts'
import { actionOf } from '../../support/image-actions.ts'
import { makeContext, makeFolder, makeLoopDisk, type TestContext } from '../loop-disk.ts'

/** A context whose target is a formatted partition with these files on it. */
async function makeTarget(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<TestContext> {
  const { disk, folder } = makeLoopDisk(t, 128 * 1024 * 1024)
  const context = makeContext(folder, { disks: [disk] })
  t.teardown(() => context.target.unmountAll())
  const system = {
    name: 'System',
    use: 'primary',
    size: { percentOfRemaining: 100 },
    fileSystem: 'ext4',
    bootable: false,
  } as const
  context.keep(
    await formatAndPartitionDisk(
      { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'mbr', partitions: [system] },
      context,
    ),
  )
  context.set.set(targetPartitionVariable, context.set.get('OSDFormattedPartitions') ?? '')
  await context.target.mountRoot({ device: `${disk.device}p1`, use: 'primary', fileSystem: 'ext4' })
  for (const [path, text] of Object.entries(files)) put(context, path, text)
  return context
}

function put(context: TestContext, path: string, text: string): void {
  mkdirSync(dirname(join(context.target.root, path)), { recursive: true })
  writeFileSync(join(context.target.root, path), text)
}

function read(context: TestContext, path: string): string {
  return readFileSync(join(context.target.root, path), 'utf8')
}

const settings: ApplyWindowsSettings = {
  type: 'apply-windows-settings',
  computerName: 'PC-1.example.org',
  registeredUser: '',
  organization: '',
  timeZone: 'Europe/Berlin',
  locale: 'de_DE.UTF-8',
}

test.serial('S2-073: name, time zone and locale stand where Linux looks for them', async (t) => {
  const context = await makeTarget(t, {
    'etc/hosts': '127.0.0.1 localhost\n',
    'usr/share/zoneinfo/Europe/Berlin': 'TZif',
  })
  symlinkSync('/usr/share/zoneinfo/UTC', join(context.target.root, 'etc/localtime'))
  const result = await applyWindowsSettings(settings, context)
  t.is(read(context, 'etc/hostname'), 'PC-1\n')
  t.is(read(context, 'etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 PC-1.example.org PC-1\n')
  t.is(readlinkSync(join(context.target.root, 'etc/localtime')), '/usr/share/zoneinfo/Europe/Berlin')
  t.is(read(context, 'etc/timezone'), 'Europe/Berlin\n')
  t.is(read(context, 'etc/default/locale'), 'LANG=de_DE.UTF-8\n')
  t.deepEqual(result.variables, [{ name: 'OSDComputerName', value: 'PC-1.example.org', secret: false }])
})

test.serial('a name that no variable fills is the name the site knows', async (t) => {
  const context = await makeTarget(t, {})
  context.set.set('_SMSTSMachineName', 'lab-7')
  await applyWindowsSettings({ ...settings, computerName: '%OSDComputerName%', timeZone: '', locale: '' }, context)
  t.is(read(context, 'etc/hostname'), 'lab-7\n')
  t.false(existsSync(join(context.target.root, 'etc/default/locale')))
})

const refused = test.macro(async (t, changes: Partial<ApplyWindowsSettings>, message: RegExp) => {
  await t.throwsAsync(applyWindowsSettings({ ...settings, ...changes }, makeContext(makeFolder(t))), { message })
})

test('a name with a space is refused', refused, { computerName: 'my pc' }, /cannot be the name/)
test('a name that is too long is refused', refused, { computerName: 'x'.repeat(64) }, /cannot be the name/)
test('a time zone that climbs is refused', refused, { timeZone: '../../etc/shadow' }, /not an IANA time zone/)
test('a locale with a line break is refused', refused, { locale: 'C\nX=1' }, /not a POSIX locale/)
test(
  'without an applied system the step says what must come first',
  refused,
  {},
  /an Apply Operating System Image step must come first/,
)

test.serial('a link of the image is replaced, never followed out of the target', async (t) => {
  const context = await makeTarget(t, {})
  const outside = makeFolder(t)
  writeFileSync(join(outside, 'precious'), 'old')
  mkdirSync(join(context.target.root, 'etc'))
  symlinkSync(join(outside, 'precious'), join(context.target.root, 'etc/hostname'))
  await applyWindowsSettings({ ...settings, timeZone: '', locale: '' }, context)
  t.is(readFileSync(join(outside, 'precious'), 'utf8'), 'old')
  t.false(lstatSync(join(context.target.root, 'etc/hostname')).isSymbolicLink())
  symlinkSync(outside, join(context.target.root, 'etc/default'))
  await t.throwsAsync(applyWindowsSettings({ ...settings, timeZone: '' }, context), { message: /leads out of it/ })
})

const dhcp = { type: 'apply-network-settings', adapters: [], dnsDomain: '' } as const

test.serial('S2-072: systemd-networkd is set and enabled where there is no ifupdown', async (t) => {
  const context = await makeTarget(t, { 'lib/systemd/system/systemd-networkd.service': '' })
  const adapter = { dhcp: false, addresses: ['10.1.2.3/24'], gateways: ['10.1.2.1'], dnsServers: ['10.1.2.53'] }
  await applyNetworkSettings({ ...dhcp, adapters: [adapter] }, context)
  t.regex(
    read(context, 'etc/systemd/network/50-reveille-0.network'),
    /MACAddress=52:54:00:00:00:01\n[^]*Address=10\.1\.2\.3\/24/,
  )
  t.is(
    readlinkSync(join(context.target.root, 'etc/systemd/system/multi-user.target.wants/systemd-networkd.service')),
    '/lib/systemd/system/systemd-networkd.service',
  )
  t.is(read(context, 'etc/resolv.conf'), 'nameserver 10.1.2.53\n')
})

test.serial('S2-072: ifupdown is set where the image has it', async (t) => {
  const context = await makeTarget(t, { 'usr/sbin/ifup': '' })
  await applyNetworkSettings(dhcp, context)
  t.regex(read(context, 'etc/network/interfaces'), /iface net0 inet dhcp/)
})

test.serial('an image without any network service fails the step', async (t) => {
  const context = await makeTarget(t, {})
  await t.throwsAsync(applyNetworkSettings(dhcp, context), { message: /neither ifupdown nor systemd-networkd/ })
})

const command: RunCommandLine = {
  type: 'run-command-line',
  commandLine: '',
  workingDirectory: '',
  successCodes: [0, 3010],
  inTargetSystem: false,
  shell: 'sh',
  disable64BitRedirection: false,
  runAsUser: false,
}

test('S1-018: return code, output variable and own variables come back', async (t) => {
  const context = makeContext(makeFolder(t))
  const commandLine = 'echo out; echo "SMSTSRebootRequested=HD" >> "$REVEILLE_VARIABLES"; exit 3010'
  const result = await runCommandLine({ ...command, commandLine, outputVariable: 'Out' }, context)
  t.deepEqual(result, {
    // Linux keeps eight bits of it; see custom-command.ts.
    exitCode: 3010,
    message: '',
    variables: [
      { name: 'Out', value: 'out', secret: false },
      { name: 'SMSTSRebootRequested', value: 'HD', secret: false },
    ],
  })
})

test('S1-071: output that holds a secret makes a secret variable, and its lines are masked', async (t) => {
  const context = makeContext(makeFolder(t))
  context.redactor.learn('swordfish')
  const result = await runCommandLine({ ...command, commandLine: 'echo the swordfish', outputVariable: 'Out' }, context)
  t.deepEqual(result.variables, [{ name: 'Out', value: 'the swordfish', secret: true }])
  t.deepEqual(context.lines, ['log echo the ***', 'stdout the ***'])
})

test.serial('a command in the applied system sees that system', async (t) => {
  const context = await makeTarget(t, { 'etc/mark': 'inside' })
  mkdirSync(join(context.target.root, 'bin'))
  writeFileSync(join(context.target.root, 'bin/busybox'), readFileSync('/usr/bin/busybox'))
  chmodSync(join(context.target.root, 'bin/busybox'), 0o755)
  for (const name of ['sh', 'cat', 'pwd', 'tr']) symlinkSync('busybox', join(context.target.root, 'bin', name))
  const result = await runCommandLine(
    {
      ...command,
      commandLine: 'cat mark; pwd; cat /proc/self/comm',
      workingDirectory: '/etc',
      inTargetSystem: true,
      outputVariable: 'Out',
    },
    context,
  )
  t.is(result.message, '')
  t.is(result.variables[0]?.value, 'inside/etc\ncat')
  mkdirSync(join(context.target.root, "it's swordfish"))
  const commandLine = "pwd; tr '\\0' ' ' < /proc/$$/cmdline; tr '\\0' ' ' < /proc/$$/environ; exit 5"
  const there = { ...command, commandLine, workingDirectory: "/it's swordfish", inTargetSystem: true }
  context.lines.length = 0
  const seen = await runCommandLine(there, context)
  t.is(seen.exitCode, 5)
  // A08: the place stands in the first line alone, where the command printed it.
  const printed = context.lines.slice(1).join('\n')
  t.regex(printed, /^stdout \/it's swordfish\nstdout sh -c (?![^]*swordfish)[^]*REVEILLE_VARIABLES=/)
  const nowhere = await runCommandLine({ ...there, commandLine: 'exit 0', workingDirectory: '/nowhere' }, context)
  t.not(nowhere.exitCode, 0)
})

test.serial('the client is installed and enabled before the boot loader is asked for', async (t) => {
  const context = await makeTarget(t, { 'lib/systemd/systemd': '', 'etc/machine-id': 'aaaa\n' })
  mkdirSync(context.runtimeFolder)
  writeFileSync(join(context.runtimeFolder, 'agent.mjs'), 'agent')
  await t.throwsAsync(
    setupWindowsAndConfigMgr(actionOf({ type: 'setup-windows-and-configmgr' }), {
      ...context,
      variable: context.variable,
    }),
    {
      message: /ENOENT.*boot|no kernel in \/boot/,
    },
  )
  t.is(read(context, 'usr/lib/reveille/agent.mjs'), 'agent')
  t.is(read(context, 'var/lib/reveille/agent.json'), '{\n  "server": [\n    "http://10.0.0.1:8080"\n  ]\n}\n')
  t.is(statSync(join(context.target.root, 'var/lib/reveille/agent.json')).mode & 0o777, 0o600)
  t.is(
    readlinkSync(join(context.target.root, 'etc/systemd/system/multi-user.target.wants/reveille-agent.service')),
    '/etc/systemd/system/reveille-agent.service',
  )
})

test.serial('a system without systemd cannot take the client', async (t) => {
  const context = await makeTarget(t, {})
  await t.throwsAsync(setupWindowsAndConfigMgr(actionOf({ type: 'setup-windows-and-configmgr' }), context), {
    message: /does not have systemd/,
  })
})
