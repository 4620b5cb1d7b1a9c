/** The steps that make an installed system ready for its capture, on a tree of files that stands for it. Needs root. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { installDeploymentTools } from '../../../bootstrap/steps/install-deployment-tools.ts'
import { prepareConfigMgrClientForCapture } from '../../../bootstrap/steps/prepare-configmgr-client-for-capture.ts'
import { prepareWindowsForCapture } from '../../../bootstrap/steps/prepare-windows-for-capture.ts'
import { keepActivationFile, sysprepCommandLine } from '../../../bootstrap/sysprep.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import { actionOf } from '../../support/actions.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

const prepareWindows = actionOf({ type: 'prepare-windows-for-capture' })
const prepareClient = actionOf({ type: 'prepare-configmgr-client-for-capture' })

function installedSystem(t: ExecutionContext, files: Readonly<Record<string, string>>): TestContext {
  const folder = makeFolder(t)
  const root = join(folder, 'system')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(root, 'usr'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return makeContext(folder, { where: 'installed-system', target: new TargetSystem(root, () => {}) })
}

test('S2-063: the system loses what makes it this machine, and asks for the boot image', async (t) => {
  const context = installedSystem(t, {
    'etc/machine-id': 'aaaa\n',
    'etc/hostname': 'reference\n',
    'etc/ssh/ssh_host_ed25519_key': 'key',
    'etc/ssh/ssh_host_ed25519_key.pub': 'key',
    'etc/ssh/sshd_config': 'kept',
    'etc/udev/rules.d/70-persistent-net.rules': 'eth0',
    'etc/udev/rules.d/80-local.rules': 'kept',
    'var/lib/dbus/machine-id': 'aaaa',
    'var/lib/systemd/random-seed': 'seed',
    'var/lib/dhcp/dhclient.eth0.leases': 'lease',
    'var/lib/NetworkManager/internal-1-eth0.lease': 'lease',
    'var/lib/NetworkManager/NetworkManager.state': 'kept',
    'var/lib/cloud/instances/i-1/user-data': 'seen',
    'home/user/.ssh/id_ed25519': 'kept',
  })
  const { root } = context.target
  const result = context.keep(await prepareWindowsForCapture(prepareWindows, context))
  t.is(result.exitCode, 0)
  t.is(context.set.get('SMSTSRebootRequested'), 'WinPE')
  t.is(context.set.get('OSDTargetSystemRoot'), root)
  t.is(readFileSync(join(root, 'etc/machine-id'), 'utf8'), '')
  t.is(readFileSync(join(root, 'etc/hostname'), 'utf8'), 'localhost\n')
  for (const gone of [
    'etc/ssh/ssh_host_ed25519_key',
    'etc/ssh/ssh_host_ed25519_key.pub',
    'etc/udev/rules.d/70-persistent-net.rules',
    'var/lib/dbus/machine-id',
    'var/lib/systemd/random-seed',
    'var/lib/dhcp/dhclient.eth0.leases',
    'var/lib/NetworkManager/internal-1-eth0.lease',
    'var/lib/cloud/instances',
  ]) {
    t.false(existsSync(join(root, gone)), gone)
  }
  for (const kept of [
    'etc/ssh/sshd_config',
    'etc/udev/rules.d/80-local.rules',
    'var/lib/NetworkManager/NetworkManager.state',
    'home/user/.ssh/id_ed25519',
  ]) {
    t.is(readFileSync(join(root, kept), 'utf8'), 'kept', kept)
  }
})

test('S2-063: what is no Linux system is told which command line prepares it', async (t) => {
  const folder = makeFolder(t)
  const context = makeContext(folder, { target: new TargetSystem(folder, () => {}) })
  await t.throwsAsync(prepareWindowsForCapture(prepareWindows, context), { message: /Sysprep\\sysprep\.exe" \/quiet/ })
})

test('S2-063: the command line of sysprep', (t) => {
  t.is(sysprepCommandLine(prepareWindows), '"%WINDIR%\\System32\\Sysprep\\sysprep.exe" /quiet /generalize /oobe /quit')
  t.is(
    sysprepCommandLine({ ...prepareWindows, doNotResetActivation: true }),
    '"%WINDIR%\\System32\\Sysprep\\sysprep.exe" /quiet /generalize /oobe /quit /unattend:"%WINDIR%\\Panther\\keep-activation.xml"',
  )
  t.regex(keepActivationFile(), /<settings pass="generalize">[^]*<SkipRearm>1<\/SkipRearm>/)
})

test('S2-062: in a build and capture the image will hold no client; otherwise one without its site', async (t) => {
  const files = { 'var/lib/reveille/agent.json': '{}', 'var/lib/reveille/run/run.json': 'this run' }
  const context = installedSystem(t, files)
  const { root } = context.target
  context.keep(await prepareConfigMgrClientForCapture(prepareClient, context))
  t.is(context.set.get('OSDClientInImage'), 'keep')
  t.false(existsSync(join(root, 'var/lib/reveille/agent.json')))
  // The run goes on with it.
  t.true(existsSync(join(root, 'var/lib/reveille/run/run.json')))
  context.set.set('OSDTargetSystemPartition', '/dev/sda2 primary ext4 aaaa')
  context.keep(await prepareConfigMgrClientForCapture(prepareClient, context))
  t.is(context.set.get('OSDClientInImage'), 'remove')
})

test('Install Deployment Tools says that nothing needs it', async (t) => {
  await t.throwsAsync(installDeploymentTools(), { message: /Windows XP and Server 2003.*remove the step/ })
})
