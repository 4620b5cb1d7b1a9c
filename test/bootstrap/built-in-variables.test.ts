/** What a run knows of its machine, its site and its start before the first step (S3.1). */

import test from 'ava'
import { type RunStart, startVariables } from '../../bootstrap/built-in-variables.ts'
import { parsePackageId } from '../../server/address/identifiers.ts'
import { assert } from '../../server/assert.ts'
import { makeContext } from './loop-disk.ts'
import { answers } from './whole-agent.ts'

const bootImageId = parsePackageId('RVL00001')
assert(bootImageId !== undefined, 'it is one')
const { policy } = answers([]).start
const { hardware } = makeContext('/nowhere')

function variablesOf(changes: Partial<RunStart> = {}): Readonly<Record<string, string>> {
  const start = {
    hardware,
    policy,
    machineName: 'pc-1',
    server: 'http://10.0.0.1:8080',
    startedFrom: 'boot-image',
  } as const
  return Object.fromEntries(startVariables({ ...start, ...changes }).map(({ name, value }) => [name, value]))
}

test('S3-003: over PXE the source of the policy and the way of starting are PXE both', (t) => {
  t.like(variablesOf(), { _SMSTSMediaType: 'PXE', _SMSTSLaunchMode: 'PXE' })
  t.like(variablesOf({ startedFrom: 'installed-system' }), { _SMSTSMediaType: undefined, _SMSTSLaunchMode: 'SMS' })
})

test('S3.1: _SMSTSBootImageID is that of the sequence, and not set where it has none', (t) => {
  t.is(variablesOf({ policy: { ...policy, bootImageId } })['_SMSTSBootImageID'], 'RVL00001')
  t.false('_SMSTSBootImageID' in variablesOf())
})

test('S3.1: _SMSTSTimezone is that of the site, where it is known', (t) => {
  const timeZone = '-60,0,-60,0,10,0,5,3,0,0,0,0,3,0,5,2,0,0,0,CET,CEST'
  t.is(variablesOf({ policy: { ...policy, timeZone } })['_SMSTSTimezone'], timeZone)
  t.false('_SMSTSTimezone' in variablesOf())
})

test('S3.1: _SMSTSUserStarted says whether a person or the schedule started it, in the installed system only', (t) => {
  const startedFrom = 'installed-system'
  t.is(variablesOf({ startedFrom, policy: { ...policy, userStarted: true } })['_SMSTSUserStarted'], 'true')
  t.is(variablesOf({ startedFrom, policy: { ...policy, userStarted: false } })['_SMSTSUserStarted'], 'false')
  t.false('_SMSTSUserStarted' in variablesOf())
})

test('S3.1: content is downloaded when it is needed, and not run from the distribution point', (t) => {
  t.like(variablesOf(), { _SMSTSDownloadOnDemand: 'true', _SMSTSRunFromDP: 'false' })
})

test('S3.1: the site may not say what the product knows', (t) => {
  const variables = [{ name: '_SMSTSDownloadOnDemand', value: 'false', secret: false }]
  t.is(variablesOf({ policy: { ...policy, variables } })['_SMSTSDownloadOnDemand'], 'true')
})
