/** Driver packages in applied systems on loop devices; the files come from a server on loopback. Needs root. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { applyDriverPackage } from '../../../bootstrap/steps/apply-driver-package.ts'
import { autoApplyDrivers, chooseDrivers } from '../../../bootstrap/steps/auto-apply-drivers.ts'
import { dismCommandLine } from '../../../bootstrap/windows-drivers.ts'
import type { ApplyDriverPackage } from '../../../server/sequence/step-types/apply-driver-package.ts'
import { makeTarget, put, read } from '../applied-system.ts'
import { makeContent, serveContent } from '../content-server.ts'
import type { TestContext } from '../loop-disk.ts'

const action: ApplyDriverPackage = {
  type: 'apply-driver-package',
  packageId: 'RVL00004',
  recurse: false,
  additionalOptions: '',
}
const auto = { type: 'auto-apply-drivers', match: 'best', categories: [], requestTimeoutSeconds: 480 } as const

const files = {
  '6.1.0-9-amd64/net/card.ko': { text: 'module' },
  '5.0.0-1-amd64/net/card.ko': { text: 'older' },
  'firmware/acme/card.bin': { text: 'firmware' },
  README: { text: 'read me' },
}

/** Programs of the applied system that note how they are called; the shell is busybox. */
async function makeLinux(t: Parameters<typeof makeTarget>[0]): Promise<TestContext> {
  const context = await makeTarget(t, { 'lib/modules/6.1.0-9-amd64/modules.order': '' })
  put(context, 'bin/sh', '')
  writeFileSync(join(context.target.root, 'bin/sh'), readFileSync('/usr/bin/busybox'))
  for (const name of ['depmod', 'update-initramfs']) {
    put(context, `usr/sbin/${name}`, `#!/bin/sh\necho ${name} "$@" >> /called\n`)
    chmodSync(join(context.target.root, 'usr/sbin', name), 0o755)
  }
  chmodSync(join(context.target.root, 'bin/sh'), 0o755)
  return context
}

test.serial('S2-069: modules and firmware are where a Linux looks first, and its RAM disk is made again', async (t) => {
  const context = await makeLinux(t)
  const { download } = await serveContent(t, { RVL00004: files })
  const content = makeContent('RVL00004', files, { kind: 'driver-package', driverSystem: 'linux' })
  await applyDriverPackage(action, { ...context, content: [content], download })
  t.is(read(context, 'lib/modules/6.1.0-9-amd64/updates/reveille-RVL00004/net/card.ko'), 'module')
  t.is(read(context, 'lib/firmware/updates/acme/card.bin'), 'firmware')
  t.is(read(context, 'called'), 'depmod -a 6.1.0-9-amd64\nupdate-initramfs -u -k 6.1.0-9-amd64\n')
})

test.serial('S2-069: a package with nothing for the kernels of the system fails the step', async (t) => {
  const context = await makeLinux(t)
  const old = { '5.0.0-1-amd64/net/card.ko': { text: 'older' } }
  const { download } = await serveContent(t, { RVL00004: old })
  const content = makeContent('RVL00004', old, { kind: 'driver-package', driverSystem: 'linux' })
  await t.throwsAsync(applyDriverPackage(action, { ...context, content: [content], download }), {
    message: /has nothing for the applied system, which has the kernels 6\.1\.0-9-amd64/,
  })
})

test.serial('S2-069: a Windows takes the drivers in when it starts first', async (t) => {
  const context = await makeTarget(t, {
    'Windows/System32/ntdll.dll': '',
    'Windows/Panther/Unattend/unattend.xml': `<unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="specialize"><component name="Microsoft-Windows-Deployment" processorArchitecture="amd64"><RunSynchronous><RunSynchronousCommand><Description>Ours</Description></RunSynchronousCommand></RunSynchronous></component></settings></unattend>`,
  })
  const inf = { 'net/card.inf': { text: '[Version]' } }
  const { download } = await serveContent(t, { RVL00004: inf })
  const content = makeContent('RVL00004', inf, { kind: 'driver-package', driverSystem: 'windows' })
  const running = { ...context, content: [content], download }
  await applyDriverPackage({ ...action, recurse: true, additionalOptions: '/ForceUnsigned' }, running)
  await applyDriverPackage(action, running)
  t.is(read(context, 'Drivers/Reveille/RVL00004/net/card.inf'), '[Version]')
  const text = read(context, 'Windows/Panther/Unattend/unattend.xml')
  t.is(text.match(/pnputil\.exe \/add-driver/g)?.length, 1)
  t.regex(text, /<Description>Ours<\/Description>/)
  t.regex(context.lines.join('\n'), /dism\.exe \/Image:C:\\ \/Add-Driver .* \/Recurse \/ForceUnsigned/)
  await t.throwsAsync(applyDriverPackage(action, { ...running, content: [{ ...content, driverSystem: 'linux' }] }), {
    message: /is for linux, and the applied system is windows/,
  })
})

test.serial('S2-068: without drivers for the machine there is nothing to do', async (t) => {
  const context = await makeLinux(t)
  t.is((await autoApplyDrivers(auto, context)).exitCode, 0)
  t.regex(context.lines.join(), /no enabled drivers for this machine/)
})

test.serial('S2-068: all packages that fit are installed, and the RAM disk is made once', async (t) => {
  const context = await makeLinux(t)
  const { download } = await serveContent(t, { RVL00004: files, RVL00005: files })
  const fitting = { kind: 'driver-package', driverSystem: 'linux', driverFit: 'model' } as const
  const content = ['RVL00004', 'RVL00005'].map((id) => makeContent(id, files, fitting))
  await autoApplyDrivers(auto, { ...context, content, download })
  t.is(read(context, 'lib/modules/6.1.0-9-amd64/updates/reveille-RVL00005/net/card.ko'), 'module')
  t.is(read(context, 'called').match(/update-initramfs/g)?.length, 1)
})

test.serial('S2-068: a package with nothing for the kernels of the system is passed over', async (t) => {
  const context = await makeLinux(t)
  const old = { '5.0.0-1-amd64/net/card.ko': { text: 'older' } }
  const { download } = await serveContent(t, { RVL00004: old, RVL00005: files })
  const fitting = { kind: 'driver-package', driverSystem: 'linux', driverFit: 'any' } as const
  const content = [makeContent('RVL00004', old, fitting), makeContent('RVL00005', files, fitting)]
  await autoApplyDrivers({ ...auto, match: 'all' }, { ...context, content, download })
  t.is(read(context, 'lib/modules/6.1.0-9-amd64/updates/reveille-RVL00005/net/card.ko'), 'module')
  t.regex(context.lines.join('\n'), /RVL00004 has nothing for the applied system/)
})

test.serial('S2-069: firmware is in the RAM disk of every kernel, modules in that of theirs', async (t) => {
  const context = await makeLinux(t)
  put(context, 'lib/modules/6.1.0-8-amd64/modules.order', '')
  const { download } = await serveContent(t, { RVL00004: files })
  const content = [makeContent('RVL00004', files, { kind: 'driver-package', driverSystem: 'linux' })]
  await applyDriverPackage(action, { ...context, content, download })
  t.deepEqual(read(context, 'called').trim().split('\n').toSorted(), [
    'depmod -a 6.1.0-9-amd64',
    'update-initramfs -u -k 6.1.0-8-amd64',
    'update-initramfs -u -k 6.1.0-9-amd64',
  ])
})

test('S2-068: best takes those that fit best, all takes all, and categories choose among them', (t) => {
  const fitting = { kind: 'driver-package', driverSystem: 'linux' } as const
  const contents = [
    makeContent('RVL00001', {}, { ...fitting, driverFit: 'any', driverCategories: ['Lab', 'Net'] }),
    makeContent('RVL00002', {}, { ...fitting, driverFit: 'model', driverCategories: ['Disk'] }),
    makeContent('RVL00003', {}, { ...fitting, driverFit: 'model', driverSystem: 'windows' }),
    makeContent('RVL00004', {}, fitting),
  ]
  const chosen = (match: 'best' | 'all', ...categories: readonly string[]): readonly string[] =>
    chooseDrivers({ match, categories }, contents, 'linux').map(({ name }) => name)
  t.deepEqual(chosen('best'), ['RVL00002'])
  t.deepEqual(chosen('all'), ['RVL00001', 'RVL00002'])
  t.deepEqual(chosen('best', 'net', 'other'), ['RVL00001'])
  t.deepEqual(chosen('all', 'other'), [])
})

test('S2-069: the command line of DISM', (t) => {
  const places = { image: 'D:\\', folder: 'C:\\My Drivers\\' }
  t.is(
    dismCommandLine({ recurse: true, additionalOptions: ' /ForceUnsigned ' }, places),
    'dism.exe /Image:D:\\ /Add-Driver /Driver:"C:\\My Drivers" /Recurse /ForceUnsigned',
  )
  t.is(
    dismCommandLine({ recurse: false, additionalOptions: '/x' }, places),
    'dism.exe /Image:D:\\ /Add-Driver /Driver:"C:\\My Drivers"',
  )
})
