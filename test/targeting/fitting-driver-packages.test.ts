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
  const indexed = packages.map((driverPackage) => ({ driverPackage }))
  return fittingDriverPackages(indexed, { hardwareIds: [], ...machine }).map(
    ({ driverPackage: { name }, fit }) => `${name}: ${fit}`,
  )
}

test('S2-068: enabled packages fit by maker and model', (t) => {
  t.deepEqual(fits({ manufacturer: 'LENOVO ', model: '20xw' }), ['any: any', 'maker: manufacturer', 'model: model'])
  t.deepEqual(fits({ manufacturer: 'LENOVO' }), ['any: any', 'maker: manufacturer'])
  t.deepEqual(fits({}), ['any: any'])
})

test('S2-068: a package without content fits nobody', (t) => {
  const { content: _none, ...empty } = pack('empty', { models: [] })
  t.deepEqual(fittingDriverPackages([{ driverPackage: empty }], { hardwareIds: [] }), [])
})

const card = 'pci:v00008086d000015B7sv00001028sd000006DEbc02sc00i00'
const alias = 'pci:v00008086d000015B7sv*sd*bc*sc*i*'

function byDevice(hardwareIds: readonly string[], patterns: readonly string[], unread: readonly string[] = []) {
  const driverPackage = pack('network', { models: [] })
  const index = { drivers: [{ file: 'a', hardwareIds: patterns }], unread }
  return fittingDriverPackages([{ driverPackage, index }], { hardwareIds }).map(({ fit }) => fit)
}

test('S2-068: a package for no model fits by the devices that its files name', (t) => {
  t.deepEqual(byDevice(['usb:v1p1', card], ['usb:v2*', alias]), ['device'])
  t.deepEqual(byDevice(['PCI\\VEN_8086&DEV_15B7'], ['pci\\ven_8086&dev_15b7']), ['device'])
  t.deepEqual(byDevice(['usb:v1p1'], [alias]), [])
  t.deepEqual(byDevice(['usb:v1p1', 'pci:v00008086d000015B6sv00001028sd000006DEbc02sc00i00'], [alias]), [])
})

test('S2-068: where nobody knows, a package for no model fits', (t) => {
  t.deepEqual(byDevice([], [alias]), ['any'])
  t.deepEqual(byDevice([card], []), ['any'])
  t.deepEqual(byDevice(['usb:v1p1'], [alias], ['b.ko.xz']), ['any'])
})
