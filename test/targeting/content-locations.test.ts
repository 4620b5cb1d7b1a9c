/** Where machines fetch content: boundaries, neighbours, default points, and the site behind them all. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  type Ipv4Address,
  ipv4FromNumber,
  parseIpv4Address,
  parseIpv4Subnet,
} from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import {
  contentLocations,
  type Locating,
  type PointWithContent,
  silentPointMs,
} from '../../server/targeting/content-locations.ts'

const siteUrl = 'http://192.0.2.1:8080'
const options = { useRemoteDistributionPoint: false, useDefaultSiteDistributionPoint: true }

function address(text: string): Ipv4Address {
  const parsed = parseIpv4Address(text)
  assert(parsed !== undefined, 'an address of a fixture')
  return parsed
}

function point(
  name: string,
  networks: readonly string[],
  fields: Partial<PointWithContent> & { isDefault?: boolean } = {},
) {
  const { isDefault = false, ...others } = fields
  const boundary = networks.map(parseIpv4Subnet).filter((network) => network !== undefined)
  return {
    point: { baseUrl: `http://${name}`, networks: boundary, isDefault },
    installedVersion: 2,
    heardAtMs: 0,
    ...others,
  }
}

const hall = point('hall', ['10.1.0.0/16'])
const desk = point('desk', ['10.9.0.0/16', '10.1.7.0/24'])
const abroad = point('abroad', ['10.8.0.0/16'])
const central = point('central', [], { isDefault: true })

function namesFor(change: Partial<Locating>): readonly string[] {
  const points = [abroad, central, hall, desk]
  const locating = { version: 2, points, address: address('10.1.7.20'), options, siteUrl, nowMs: 0, ...change }
  return contentLocations(locating).map((base) => (base === siteUrl ? 'site' : base.replace('http://', '')))
}

test('S5-033, S8-019: points of the boundary, the nearest first, then the default ones, then the site', (t) => {
  t.deepEqual(namesFor({}), ['desk', 'hall', 'central', 'site'])
  t.deepEqual(namesFor({ address: address('10.1.8.20') }), ['hall', 'central', 'site'])
  t.deepEqual(namesFor({ address: address('10.2.0.1') }), ['central', 'site'])
  t.deepEqual(namesFor({ address: undefined }), ['central', 'site'])
  t.deepEqual(namesFor({ points: [] }), ['site'])
})

test('S5-032: two options say whether remote points and the default ones serve a machine', (t) => {
  const remote = { ...options, useRemoteDistributionPoint: true }
  t.deepEqual(namesFor({ options: remote }).toSorted(), ['abroad', 'central', 'desk', 'hall', 'site'])
  t.deepEqual(namesFor({ options: remote }).slice(0, 2), ['desk', 'hall'])
  const alone = { ...options, useDefaultSiteDistributionPoint: false }
  t.deepEqual(namesFor({ options: alone }), ['desk', 'hall', 'site'])
  t.deepEqual(namesFor({ options: alone, address: address('10.2.0.1') }), ['site'])
})

test('a point with another version, and one that was silent for ten minutes, are left out', (t) => {
  t.deepEqual(namesFor({ version: 3 }), ['site'])
  t.deepEqual(namesFor({ nowMs: silentPointMs - 1 }), ['desk', 'hall', 'central', 'site'])
  t.deepEqual(namesFor({ nowMs: silentPointMs }), ['site'])
})

test('machines of one network begin with different points that are as near', (t) => {
  const points = ['a', 'b', 'c'].map((name) => point(name, ['10.1.0.0/16']))
  const firsts = [1, 2, 3].map((last) => namesFor({ points, address: address(`10.1.0.${last}`) })[0])
  t.is(new Set(firsts).size, 3)
})

const anyAddress = fc.integer({ min: 0, max: 0xffff_ffff }).map(ipv4FromNumber)
const anyPoint = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    near: fc.array(fc.tuple(anyAddress, fc.integer({ min: 0, max: 32 })), { maxLength: 3 }),
    isDefault: fc.boolean(),
    installedVersion: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    heardAtMs: fc.integer({ min: 0, max: 2 * silentPointMs }),
  })
  .map(({ name, near, isDefault, installedVersion, heardAtMs }) => {
    const networks = near.map(([network, bits]) => `${network}/${bits}`)
    const { installedVersion: _, ...made } = point(name, networks, { isDefault, heardAtMs })
    return installedVersion === undefined ? made : { ...made, installedVersion }
  })

test('S5-032, S5-033: no machine is ever without a base, no base comes twice, and no point without the version is named', (t) => {
  const anything = fc.record({
    version: fc.integer({ min: 1, max: 3 }),
    points: fc.uniqueArray(anyPoint, { selector: (one) => one.point.baseUrl, maxLength: 6 }),
    address: fc.option(anyAddress, { nil: undefined }),
    options: fc.record({ useRemoteDistributionPoint: fc.boolean(), useDefaultSiteDistributionPoint: fc.boolean() }),
    nowMs: fc.integer({ min: 0, max: 2 * silentPointMs }),
  })
  fc.assert(
    fc.property(anything, (locating) => {
      const bases = contentLocations({ ...locating, siteUrl })
      const points: readonly PointWithContent[] = locating.points
      const having = points.filter(({ installedVersion }) => installedVersion === locating.version)
      const known = new Set(having.map(({ point: { baseUrl } }) => baseUrl))
      return (
        bases.at(-1) === siteUrl &&
        new Set(bases).size === bases.length &&
        bases.slice(0, -1).every((base) => known.has(base))
      )
    }),
  )
  t.pass()
})
