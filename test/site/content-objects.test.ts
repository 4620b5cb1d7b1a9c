/** What is wrong with packages and applications by themselves, and references that lead back to where they began. */

import test from 'ava'
import { findApplicationFaults } from '../../server/site/application.ts'
import { findDriverPackageFaults } from '../../server/site/driver-package.ts'
import type { FieldFault } from '../../server/site/field-fault.ts'
import { findCycle } from '../../server/site/find-cycle.ts'
import { findProgramFaults } from '../../server/site/package.ts'
import { application, packageId, program, scriptType } from '../store/site-builders.ts'

const print = (faults: readonly FieldFault[]) => faults.map(({ path, message }) => `${path.join('.')}: ${message}`)

test('programs have names of their own, and each success code once', (t) => {
  t.deepEqual(print(findProgramFaults([program('A'), program('B')])), [])
  t.deepEqual(print(findProgramFaults([program('A'), { ...program('a'), successCodes: [0, 1, 0] }])), [
    'programs.1.name: a is there twice',
    'programs.1.successCodes.2: 0 is there twice',
  ])
})

test('deployment types have names of their own, one folder each, and one rule of a kind', (t) => {
  const memory = { kind: 'minimum-memory', megabytes: 1 } as const
  const deploymentTypes = [
    scriptType({ contentFolder: 'deb' }),
    scriptType({ contentFolder: 'a/b', requirements: [memory, memory], successCodes: [0, 0] }),
  ]
  t.deepEqual(print(findApplicationFaults(application({ deploymentTypes }))), [
    'deploymentTypes.1.name: Script is there twice',
    'deploymentTypes.1.successCodes.1: 0 is there twice',
    'deploymentTypes.1.requirements.1.kind: minimum-memory is there twice',
    'deploymentTypes.1.contentFolder: is not the name of one folder',
  ])
})

for (const [path, isAbsolute] of [
  ['/usr/bin/vi', true],
  ['C:\\Program Files\\Editor', true],
  ['c:/tools', true],
  ['%ProgramFiles%\\Editor', true],
  ['usr/bin/vi', false],
  ['C:editor', false],
  ['100% sure', false],
] as const) {
  test(`detection by path: ${path} is ${isAbsolute ? '' : 'not '}absolute`, (t) => {
    const type = scriptType({ detection: { kind: 'path-exists', path, type: 'file' } })
    const faults = print(findApplicationFaults(application({ deploymentTypes: [type] })))
    t.deepEqual(faults, isAbsolute ? [] : ['deploymentTypes.0.detection.path: is not an absolute path'])
  })
}

test('an application is not both needed and replaced', (t) => {
  const id = packageId('RVL00001')
  const draft = application({ dependencies: [id, id], supersedes: [{ applicationId: id, uninstall: true }] })
  t.deepEqual(print(findApplicationFaults(draft)), [
    'dependencies.1: RVL00001 is there twice',
    'supersedes.0.applicationId: RVL00001 cannot be needed and replaced at once',
  ])
})

test('models of a driver package are told apart by manufacturer and model', (t) => {
  const models = [{ manufacturer: 'HP' }, { manufacturer: 'HP', model: 'Z2' }, { manufacturer: 'hp', model: 'z2' }]
  t.deepEqual(print(findDriverPackageFaults({ models, categories: ['Net', 'net'] })), [
    'models.2: hp z2 is there twice',
    'categories.1: net is there twice',
  ])
})

test('a cycle is found with its way, and a diamond is none', (t) => {
  const next = (edges: Readonly<Record<string, readonly string[]>>) => (key: string) => edges[key] ?? []
  t.is(findCycle('a', next({ a: ['b', 'c'], b: ['d'], c: ['d'] })), undefined)
  t.deepEqual(findCycle('a', next({ a: ['b'], b: ['x', 'c'], c: ['a'] })), ['a', 'b', 'c'])
  t.deepEqual(findCycle('a', next({ a: ['a'] })), ['a'])
  t.is(
    findCycle('a', next({ a: ['b'], b: ['c'], c: ['b'] })),
    undefined,
    'one that leads past the start is not its own',
  )
})
