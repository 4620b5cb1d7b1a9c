/** Which driver packages fit a machine. */

import test from 'ava'
import type { DriverPackage } from '../../server/site/driver-package.ts'
import { fittingDriverPackages } from '../../server/targeting/fitting-driver-packages.ts'
import { driverPackage, file, packageId } from '../store/site-builders.ts'

const content = { contentId: packageId('RVL00001'), version: 1, files: [file('x')] }

function pack(name: string, fields: Partial<DriverPackage>): DriverPackage {
  return { ...driverPackage({ name }), id: packageId('RVL00001'), revision: 1, content, ...fields }
}

const packages = [
  pack('any', { models: [] }),
  pack('maker', { models: [{ manufacturer: 'Lenovo' }] }),
  pack('model', { models: [{ manufacturer: 'Other' }, { manufacturer: 'LENOVO', model: '20X?' }] }),
  pack('other model', { models: [{ manufacturer: 'LENOVO', model: '30*' }] }),
  pack('disabled', { models: [], enabled: false }),
]

function fits(machine: { manufacturer?: string; model?: string }): readonly string[] {
  return fittingDriverPackages(packages, machine).map(({ driverPackage: { name }, fit }) => `${name}: ${fit}`)
}

test('S2-068: enabled packages fit by maker and model', (t) => {
  t.deepEqual(fits({ manufacturer: 'LENOVO ', model: '20xw' }), ['any: any', 'maker: manufacturer', 'model: model'])
  t.deepEqual(fits({ manufacturer: 'LENOVO' }), ['any: any', 'maker: manufacturer'])
  t.deepEqual(fits({}), ['any: any'])
})

test('S2-068: a package without content fits nobody', (t) => {
  const { content: _none, ...empty } = pack('empty', { models: [] })
  t.deepEqual(fittingDriverPackages([empty], {}), [])
})
