/** Install Application with real commands and the real dpkg, its content from a server on loopback. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isInstalled } from '../../../bootstrap/detect-application.ts'
import { installApplication } from '../../../bootstrap/steps/install-application.ts'
import { TargetSystem } from '../../../bootstrap/target-system.ts'
import type { PolicyContent } from '../../../server/contract/agent.ts'
import { environmentOf } from '../../support/actions.ts'
import type { InstallApplication } from '../../../server/sequence/step-types/install-application.ts'
import type { DeploymentType } from '../../../server/site/application.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder, type TestContext } from '../loop-disk.ts'

const action: InstallApplication = {
  type: 'install-application',
  applications: [],
  continueOnFailure: false,
  clearContent: false,
  retryUnexpectedRestarts: 2,
}
const tree = { 'deb/payload': { text: 'payload' }, 'other/unused': { text: 'unused' } } as const

interface Site {
  readonly folder: string
  readonly context: TestContext
  readonly add: (id: string, name: string, changes?: Changes) => void
  readonly log: () => string
}

interface Changes extends Partial<DeploymentType> {
  readonly dependencies?: readonly string[]
  readonly supersedes?: readonly string[]
  readonly closed?: boolean
}

async function makeSite(t: ExecutionContext): Promise<Site> {
  const folder = makeFolder(t)
  mkdirSync(join(folder, 'root'))
  const { download } = await serveContent(t, { RVL00001: tree })
  const content: PolicyContent[] = []
  const target = new TargetSystem(join(folder, 'root'), () => {})
  const context = makeContext(folder, { where: 'installed-system', target, content, download })
  const log = join(folder, 'log')
  const idOf = (id: string): PolicyContent['id'] => makeContent(id, {}).id
  const add = (id: string, name: string, changes: Changes = {}): void => {
    const { dependencies = [], supersedes = [], closed = false, ...type } = changes
    const mark = join(folder, `is-${id}`)
    const script: DeploymentType = {
      kind: 'script',
      name: 'Script',
      installCommandLine: `echo install ${name} >> ${log}; touch ${mark}`,
      uninstallCommandLine: `echo uninstall ${name} >> ${log}; rm ${mark}`,
      maxRunTimeMinutes: 0,
      successCodes: [0],
      detection: { kind: 'path-exists', path: mark, type: 'file' },
      requirements: [],
      ...type,
    }
    content.push(
      makeContent(id, tree, {
        name,
        kind: 'application',
        application: {
          version: '1',
          allowInstallFromTaskSequence: !closed,
          deploymentTypes: [script],
          dependencies: dependencies.map(idOf),
          supersedes: supersedes.map((one) => ({ applicationId: idOf(one), uninstall: true })),
        },
      }),
    )
  }
  return { folder, context, add, log: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') }
}

test('S2-030: dependencies first, each once, and nothing that is there already', async (t) => {
  const { context, add, log } = await makeSite(t)
  add('RVL00001', 'Editor', { dependencies: ['RVL00002', 'RVL00003'] })
  add('RVL00002', 'Runtime', { dependencies: ['RVL00003'] })
  add('RVL00003', 'Base')
  const install = { ...action, applications: ['RVL00001', 'RVL00003'] }
  const result = await installApplication(install, context)
  t.is(result.message, '')
  t.deepEqual(result.variables, [{ name: '_TSAppInstallStatus', value: 'Success', secret: false }])
  t.is(log(), 'install Base\ninstall Runtime\ninstall Editor\n')
  t.is((await installApplication(install, context)).exitCode, 0)
  t.is(log(), 'install Base\ninstall Runtime\ninstall Editor\n')
})

test('S2-030: the deployment type’s own folder is fetched, and cleared where the step says so', async (t) => {
  const { folder, context, add } = await makeSite(t)
  const mark = join(folder, 'is-there')
  const files = { contentFolder: 'deb', installCommandLine: `cp payload ${mark}` } as const
  add('RVL00001', 'Editor', { ...files, detection: { kind: 'path-exists', path: mark, type: 'file' } })
  const install = { ...action, applications: ['RVL00001'] }
  t.is((await installApplication(install, context)).message, '')
  t.is(readFileSync(mark, 'utf8'), 'payload')
  const fetched = join(folder, 'root/var/lib/reveille/packages/RVL00001.1')
  t.true(existsSync(join(fetched, 'deb/payload')))
  t.false(existsSync(join(fetched, 'other')))
  add('RVL00004', 'Other')
  const other = await makeSite(t)
  other.add('RVL00001', 'Editor', { contentFolder: 'deb' })
  t.is((await installApplication({ ...install, clearContent: true }, other.context)).message, '')
  t.false(existsSync(join(other.folder, 'root/var/lib/reveille/packages/RVL00001.1')))
})

test('S2-030: requirements choose the deployment type, and an application without one fails', async (t) => {
  const { context, add } = await makeSite(t)
  add('RVL00001', 'Large', { requirements: [{ kind: 'minimum-memory', megabytes: 64 }] })
  add('RVL00002', 'Windows', { requirements: [{ kind: 'system', anyOf: ['windows'] }] })
  add('RVL00003', 'Arm', { requirements: [{ kind: 'architecture', anyOf: ['arm64'] }] })
  add('RVL00004', 'Here', {
    requirements: [
      { kind: 'architecture', anyOf: ['arm64', 'x64'] },
      { kind: 'system', anyOf: ['linux'] },
    ],
  })
  const install = async (id: string) => (await installApplication({ ...action, applications: [id] }, context)).message
  t.is(await install('RVL00001'), 'Large has no deployment type for this machine: it needs 64 MB of memory')
  t.regex(await install('RVL00002'), /it is for windows/)
  t.regex(await install('RVL00003'), /it is for arm64/)
  t.is(await install('RVL00004'), '')
})

test('S2-030: what is installed and not found is a failure, and what restarts is looked for later', async (t) => {
  const { context, add } = await makeSite(t)
  add('RVL00001', 'Nothing', { installCommandLine: 'true' })
  add('RVL00002', 'Restart', { installCommandLine: 'exit 3010' })
  const nothing = await installApplication({ ...action, applications: ['RVL00001'] }, context)
  t.regex(nothing.message, /its detection does not find it/)
  t.is((await installApplication({ ...action, applications: ['RVL00002'] }, context)).exitCode, 3_010)
})

test('S2-031: a superseded application that is there is uninstalled first', async (t) => {
  const { folder, context, add, log } = await makeSite(t)
  add('RVL00001', 'New', { supersedes: ['RVL00002', 'RVL00003'] })
  add('RVL00002', 'Old')
  add('RVL00003', 'Older')
  t.is((await installApplication({ ...action, applications: ['RVL00002'] }, context)).message, '')
  t.is((await installApplication({ ...action, applications: ['RVL00001'] }, context)).message, '')
  t.is(log(), 'install Old\nuninstall Old\ninstall New\n')
  t.false(existsSync(join(folder, 'is-RVL00002')))
})

test('S2-032: a dynamic list by exact names; a wrong one is left out, with a warning', async (t) => {
  const { context, add, log } = await makeSite(t)
  add('RVL00001', 'Editor')
  add('RVL00002', 'Viewer')
  context.set.set('App01', 'Editor').set('App02', 'viewer').set('App03', 'Viewer').set('App05', 'Editor')
  const dynamic = { ...action, baseVariable: 'App' }
  const result = await installApplication(dynamic, context)
  t.is(result.exitCode, 0)
  t.is(log(), 'install Editor\ninstall Viewer\n')
  t.is(result.variables[0]?.value, 'Warning')
  context.set.set('TSErrorOnWarning', 'TRUE')
  const strict = await installApplication(dynamic, context)
  t.is(strict.exitCode, 1)
  t.is(strict.variables[0]?.value, 'Error')
})

test('S2-032: without the first variable nothing is installed; what is not allowed in lists fails', async (t) => {
  const { context, add, log } = await makeSite(t)
  add('RVL00001', 'Editor', { closed: true })
  const dynamic = { ...action, baseVariable: 'App' }
  t.is((await installApplication(dynamic, context)).variables[0]?.value, 'Success')
  context.set.set('App01', 'Editor')
  t.regex((await installApplication(dynamic, context)).message, /may not be installed from a list/)
  t.is(log(), '')
})

test('S2-033, S2-034: a failure ends the step at once, or the others are installed', async (t) => {
  const { context, add, log } = await makeSite(t)
  add('RVL00001', 'Bad', { installCommandLine: 'echo broken; exit 7' })
  add('RVL00002', 'Needy', { dependencies: ['RVL00001'] })
  add('RVL00003', 'Good')
  const applications = ['RVL00001', 'RVL00003']
  const stopped = await installApplication({ ...action, applications }, context)
  t.is(stopped.exitCode, 7)
  t.is(stopped.message, 'installing Bad: exit code 7: broken')
  t.is(stopped.variables[0]?.value, 'Error')
  t.is(log(), '')
  const goneOn = await installApplication({ ...action, applications, continueOnFailure: true }, context)
  t.is(goneOn.exitCode, 0)
  t.is(goneOn.variables[0]?.value, 'Error')
  t.is(log(), 'install Good\n')
  const needy = await installApplication({ ...action, applications: ['RVL00002'] }, context)
  t.is(needy.message, 'Needy was not installed: installing Bad: exit code 7: broken')
})

test('an application that the run does not have', async (t) => {
  const { context } = await makeSite(t)
  const result = await installApplication({ ...action, applications: ['RVL00009'] }, context)
  t.regex(result.message, /RVL00009 is not among the content/)
})

test('S2-030: detection asks the files, the package manager, or a command', async (t) => {
  const folder = makeFolder(t)
  const context = makeContext(folder, { environment: environmentOf({ Place: folder }) })
  t.true(await isInstalled({ kind: 'path-exists', path: '%Place%', type: 'folder' }, context))
  t.false(await isInstalled({ kind: 'path-exists', path: '%Place%', type: 'file' }, context))
  t.true(await isInstalled({ kind: 'package-installed', packageName: 'coreutils' }, context))
  t.true(await isInstalled({ kind: 'package-installed', packageName: 'coreutils', minimumVersion: '8.0-1' }, context))
  t.false(await isInstalled({ kind: 'package-installed', packageName: 'coreutils', minimumVersion: '99' }, context))
  t.false(await isInstalled({ kind: 'package-installed', packageName: 'no-such-package' }, context))
  t.true(await isInstalled({ kind: 'command', commandLine: 'test -d /' }, context))
  t.false(await isInstalled({ kind: 'command', commandLine: 'exit 3' }, context))
})
