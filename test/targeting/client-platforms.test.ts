/** Task sequences for certain platforms: what fits, and at which doors it is asked. */

import test from 'ava'
import type { ClientPlatform } from '../../server/address/client-platform.ts'
import { whyPlatformIsRefused } from '../../server/targeting/client-platforms.ts'
import { eligibleDeployments } from '../../server/targeting/eligible-deployments.ts'
import { candidate, now } from '../support/boot-fixtures.ts'
import { nothingGuarded } from '../../server/site/start-guard.ts'

const x64: ClientPlatform = { architecture: 'x64' }
const debian = (version?: string): ClientPlatform => ({
  architecture: 'x64',
  operatingSystem: { name: 'debian', ...(version === undefined ? {} : { version }) },
})

const fits = test.macro(
  (t, allowed: readonly ClientPlatform[] | undefined, client: ClientPlatform | undefined, expected: boolean) => {
    t.is(whyPlatformIsRefused(allowed, client) === undefined, expected)
  },
)

test('S1-079: any platform, unless some are named', fits, undefined, undefined, true)
test('S1-079: the processor fits', fits, [x64], debian('12'), true)
test('S1-079: another processor does not', fits, [{ architecture: 'arm64' }], x64, false)
test('S1-079: one of several is enough', fits, [{ architecture: 'arm64' }, x64], x64, true)
test('S1-079: any version of a system', fits, [debian()], debian('12'), true)
test('S1-079: its version', fits, [debian('12')], debian('12'), true)
test('S1-079: a point release of it', fits, [debian('12')], debian('12.5'), true)
test('S1-079: a version that only begins like it', fits, [debian('1')], debian('12'), false)
test('S1-079: a version that is not told', fits, [debian('12')], debian(), false)
test('S1-079: another system', fits, [debian()], { ...x64, operatingSystem: { name: 'ubuntu' } }, false)
test('S1-079: a system that is not told', fits, [debian()], x64, false)
test('S1-079: a client that tells nothing', fits, [x64], undefined, false)

test('S1-079: the reason names what may run it and what this is', (t) => {
  t.is(
    whyPlatformIsRefused([debian('12'), { architecture: 'arm64' }], x64),
    'its task sequence runs on debian 12 x64, arm64 only, and this client is x64',
  )
})

test('S1-079, S5-046: platforms are looked at when a client asks, and ignored over PXE and from media', (t) => {
  const only = { ...candidate('RVL20001'), platforms: [{ architecture: 'arm64' } as const] }
  const offered = (door: 'pxe' | 'media' | 'client', platform: ClientPlatform) => {
    const eligible = eligibleDeployments([only, candidate('RVL20002')], {
      variables: [],
      marks: [],
      nowMs: now,
      door,
      guard: nothingGuarded,
      platform,
    })
    return eligible.kind === 'open' ? eligible.available.map(({ deployment }) => String(deployment.id)) : []
  }
  t.deepEqual(offered('pxe', x64), ['RVL20002', 'RVL20001'])
  t.deepEqual(offered('media', x64), ['RVL20002', 'RVL20001'])
  t.deepEqual(offered('client', x64), ['RVL20002'])
  t.deepEqual(offered('client', { architecture: 'arm64' }), ['RVL20002', 'RVL20001'])
})

test('S1-079, S5-046: a preferred deployment for another platform runs in the boot image, and not on a client', (t) => {
  const kindAt = (door: 'pxe' | 'client') =>
    eligibleDeployments([{ ...candidate('RVL20001'), platforms: [debian()] }], {
      variables: [{ name: 'SMSTSPreferredAdvertID', value: 'RVL20001', secret: false }],
      marks: [],
      nowMs: now,
      door,
      guard: nothingGuarded,
      platform: x64,
    })
  t.is(kindAt('pxe').kind, 'preferred')
  t.like(kindAt('client'), { kind: 'open', required: [], available: [] })
  t.regex(kindAt('client').rejected[0]?.reason ?? '', /runs on debian x64 only/)
})
