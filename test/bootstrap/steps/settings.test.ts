/** The steps that write into an applied system, on partitions of loop devices. Needs root. */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { applyNetworkSettings } from '../../../bootstrap/steps/apply-network-settings.ts'
import { applyWindowsSettings } from '../../../bootstrap/steps/apply-windows-settings.ts'
import { runCommandLine } from '../../../bootstrap/steps/run-command-line.ts'
import { setupWindowsAndConfigMgr } from '../../../bootstrap/steps/setup-windows-and-configmgr.ts'
import type { ApplyNetworkSettings } from '../../../server/sequence/step-types/apply-network-settings.ts'
import type { ApplyWindowsSettings } from '../../../server/sequence/step-types/apply-windows-settings.ts'
import { actionOf } from '../../support/actions.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'
import { copyWithLibraries, makeTarget, pamUnix, put, read } from '../applied-system.ts'

const settings: ApplyWindowsSettings = {
  type: 'apply-windows-settings',
  computerName: 'PC-1.example.org',
  registeredUser: '',
  organization: '',
  productKey: '',
  serverLicenseMode: 'none',
  serverLicenseConnectionLimit: 5,
  randomAdminPassword: true,
  localAdminPassword: '',
  timeZone: 'Europe/Berlin',
  locale: 'de_DE.UTF-8',
  userLocale: '',
  inputLocale: '',
  uiLanguage: '',
  uiLanguageFallback: '',
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
  await t.throwsAsync(applyWindowsSettings({ ...settings, ...changes }, await makeTarget(t, {})), { message })
})

test.serial('a name with a space is refused', refused, { computerName: 'my pc' }, /cannot be the name/)
test.serial('a name that is too long is refused', refused, { computerName: 'x'.repeat(64) }, /cannot be the name/)
test.serial('a time zone that climbs is refused', refused, { timeZone: '../../etc/shadow' }, /not an IANA time zone/)
test.serial('a locale with a line break is refused', refused, { locale: 'C\nX=1' }, /not a POSIX locale/)
test.serial('S2-073: a keyboard of Windows is refused', refused, { inputLocale: '0407:00000407' }, /not a keyboard/)
test.serial(
  'S2-073: a password needs a program that sets it',
  refused,
  { timeZone: '', locale: '', randomAdminPassword: false, localAdminPassword: 'swordfish' },
  /has no \/usr\/sbin\/chpasswd/,
)
test('without an applied system the step says what must come first', async (t) => {
  await t.throwsAsync(applyWindowsSettings(settings, makeContext(makeFolder(t))), {
    message: /an Apply Operating System Image step must come first/,
  })
})

test.serial('S2-073: languages and the keyboard stand where Linux looks for them', async (t) => {
  const context = await makeTarget(t, {
    'etc/default/keyboard': 'XKBMODEL="pc105"\nXKBLAYOUT="us"\n',
    'etc/vconsole.conf': 'FONT=x\n',
  })
  const languages = { locale: 'en-US', userLocale: 'de_DE.UTF-8', uiLanguage: 'fr-FR', uiLanguageFallback: 'en-GB' }
  await applyWindowsSettings({ ...settings, ...languages, timeZone: '', inputLocale: 'de-DE' }, context)
  t.is(
    read(context, 'etc/locale.conf'),
    `LANG=en_US.UTF-8
LC_NUMERIC=de_DE.UTF-8
LC_TIME=de_DE.UTF-8
LC_MONETARY=de_DE.UTF-8
LC_PAPER=de_DE.UTF-8
LC_MEASUREMENT=de_DE.UTF-8
LC_MESSAGES=fr_FR.UTF-8
LANGUAGE=fr_FR:en_GB
`,
  )
  t.is(read(context, 'etc/default/keyboard'), 'XKBMODEL="pc105"\nXKBLAYOUT="de"\n')
  t.is(read(context, 'etc/vconsole.conf'), 'FONT=x\nKEYMAP=de\n')
})

test.serial(
  "S2-073: root's password is set by the program of the applied system, and stands nowhere else",
  async (t) => {
    const context = await makeTarget(t, {
      'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      'etc/shadow': 'root:*:19000:0:99999:7:::\n',
      'etc/pam.d/chpasswd': 'password required pam_unix.so sha512\n',
    })
    for (const program of ['/usr/sbin/chpasswd', pamUnix()]) copyWithLibraries(context.target.root, program)
    const password = { randomAdminPassword: false, localAdminPassword: 'sword%fish$1' }
    await applyWindowsSettings({ ...settings, ...password, timeZone: '', locale: '' }, context)
    const [, hash = ''] = read(context, 'etc/shadow').split(':')
    t.regex(hash, /^\$6\$/)
    const check = 'import crypt, sys; p, h = sys.stdin.read().split("\\n"); print(crypt.crypt(p, h) == h)'
    t.is(
      execFileSync('python3', ['-W', 'ignore', '-c', check], { input: `sword%fish$1\n${hash}`, encoding: 'utf8' }),
      'True\n',
    )
    t.notRegex(context.lines.join(), /sword/)
  },
)

test.serial('S2-073: the name, the owner and the administrator of a Windows stand in its answer file', async (t) => {
  const context = await makeTarget(t, {
    'WINDOWS/system32/ntdll.dll': '',
    'WINDOWS/Panther/unattend/Unattend.xml': '<unattend xmlns="urn:x"><settings pass="generalize" /></unattend>',
  })
  const owner = { registeredUser: 'A & B', organization: 'Example', productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' }
  await applyWindowsSettings({ ...settings, ...owner, computerName: 'PC-1' }, context)
  const text = read(context, 'WINDOWS/Panther/unattend/Unattend.xml')
  t.regex(text, /<settings pass="generalize" \/>/)
  t.regex(text, /<ComputerName>PC-1<\/ComputerName>/)
  t.regex(text, /<RegisteredOwner>A &#38; B<\/RegisteredOwner>/)
  t.regex(text, /<AdministratorPassword>\s*<Value>aA1![\w-]{32}<\/Value>\s*<PlainText>true/)
  t.false(existsSync(join(context.target.root, 'etc/hostname')))
  await t.throwsAsync(applyWindowsSettings({ ...settings, computerName: 'x'.repeat(16) }, context), {
    message: /longer than the 15 characters/,
  })
})

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

const dhcp: ApplyNetworkSettings = {
  type: 'apply-network-settings',
  joinType: 'workgroup',
  workgroupName: '',
  domainName: '',
  ouName: '',
  account: '',
  password: '',
  adapters: [],
  dnsDomain: '',
  dnsSuffixes: [],
}
const domain = {
  ...dhcp,
  joinType: 'domain',
  domainName: 'example.org',
  account: 'EXAMPLE\\join',
  password: 'swordfish',
} as const

const adapter = {
  name: '',
  macAddress: '',
  dhcp: false,
  addresses: ['10.1.2.3/24'],
  gateways: ['10.1.2.1'],
  dnsServers: ['10.1.2.53'],
  dnsDomain: '',
  registerInDns: true,
  registerWithDomain: false,
  netbios: 'dhcp',
  winsServers: [],
} as const

test.serial('S2-072: systemd-networkd is set and enabled where there is no ifupdown', async (t) => {
  const context = await makeTarget(t, { 'lib/systemd/system/systemd-networkd.service': '' })
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

test.serial('S2-072: a Linux joins the domain when it starts first, if it has realmd', async (t) => {
  const context = await makeTarget(t, { 'usr/sbin/ifup': '', 'usr/lib/systemd/systemd': '' })
  await t.throwsAsync(applyNetworkSettings(domain, context), { message: /needs systemd and realmd/ })
  put(context, 'usr/sbin/realm', '')
  await applyNetworkSettings(domain, context)
  t.is(read(context, 'var/lib/reveille/join-password'), 'swordfish\n')
  t.is(statSync(join(context.target.root, 'var/lib/reveille/join-password')).mode & 0o777, 0o600)
  t.regex(
    read(context, 'etc/systemd/system/reveille-join-domain.service'),
    /realm join --unattended --user=join -- example/,
  )
  const link = 'etc/systemd/system/multi-user.target.wants/reveille-join-domain.service'
  t.is(readlinkSync(join(context.target.root, link)), '/etc/systemd/system/reveille-join-domain.service')
})

test.serial('S2-072: of several steps the last one wins, and nothing stays of the others', async (t) => {
  const context = await makeTarget(t, {
    'lib/systemd/system/systemd-networkd.service': '',
    'usr/lib/systemd/systemd': '',
    'usr/sbin/realm': '',
    'etc/systemd/network/10-own.network': '',
  })
  await applyNetworkSettings({ ...domain, adapters: [adapter] }, context)
  await applyNetworkSettings(dhcp, context)
  const { root } = context.target
  t.deepEqual(readdirSync(join(root, 'etc/systemd/network')), ['10-own.network', '50-reveille.network'])
  t.false(existsSync(join(root, 'var/lib/reveille/join-password')))
  t.deepEqual(readdirSync(join(root, 'etc/systemd/system')), ['multi-user.target.wants'])
  t.deepEqual(readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants')), ['systemd-networkd.service'])
})

test.serial('S2-072: what a Windows joins stands in its answer file', async (t) => {
  const context = await makeTarget(t, { 'Windows/System32/ntdll.dll': '' })
  await applyNetworkSettings({ ...domain, adapters: [adapter] }, context)
  const text = read(context, 'Windows/Panther/Unattend/unattend.xml')
  t.regex(text, /<JoinDomain>example\.org<\/JoinDomain>/)
  t.regex(text, /<Identifier>52-54-00-00-00-01<\/Identifier>/)
  t.is(statSync(join(context.target.root, 'Windows/Panther/Unattend/unattend.xml')).mode & 0o777, 0o600)
  await applyNetworkSettings({ ...dhcp, workgroupName: 'LAB' }, context)
  const last = read(context, 'Windows/Panther/Unattend/unattend.xml')
  t.regex(last, /<JoinWorkgroup>LAB</)
  t.notRegex(last, /JoinDomain|swordfish/)
})

test.serial('S2-072: a card that is not there fails the step', async (t) => {
  const context = await makeTarget(t, { 'usr/sbin/ifup': '' })
  const action = { ...dhcp, adapters: [{ ...adapter, macAddress: '52:54:00:00:00:99' }] }
  await t.throwsAsync(applyNetworkSettings(action, context), { message: /no card has the address 52:54:00:00:00:99/ })
})

const command = actionOf({ type: 'run-command-line', commandLine: 'true', successCodes: [0, 3010] })

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
  const tree = { 'data.txt': { text: 'of the package' } }
  const { download } = await serveContent(t, { RVL00001: tree })
  const packaged = { ...command, commandLine: 'cat data.txt; pwd', packageId: 'RVL00001', inTargetSystem: true }
  const content = [makeContent('RVL00001', tree)]
  const fetched = await runCommandLine({ ...packaged, outputVariable: 'Out' }, { ...context, content, download })
  t.is(fetched.variables[0]?.value, 'of the package/var/lib/reveille/packages/RVL00001.1')
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
