/** Settings of task sequences: defaults, limits, and every fault with its path. */

import test from 'ava'
import * as fc from 'fast-check'
import {
  downloadMegabytesMax,
  notificationCharactersMax,
  parseSettings,
  platformsMax,
  programNameCharactersMax,
  runMinutesMax,
} from '../../server/sequence/parse-settings.ts'
import { defaultSettings } from '../../server/sequence/task-sequence-settings.ts'

const notification = { headline: 'Confirm', message: 'It takes long.', emphasis: 'Data is kept.', closing: 'Go?' }
const runFirst = { packageId: 'RVL0000A', programName: 'Check battery' }

/** Path and code of each fault. */
function faultsOf(document: unknown): readonly string[] {
  const parsed = parseSettings(document)
  return parsed.kind === 'valid' ? [] : parsed.faults.map(({ path, code }) => `${path} ${code}`)
}

function settingsOf(document: unknown) {
  const parsed = parseSettings(document)
  if (parsed.kind === 'valid') return parsed.settings
  throw new Error(JSON.stringify(parsed.faults))
}

test('S1-078, S1-079, S1-081, S1-049: what is left out gets its default: 120 minutes, any platform, nothing hidden, no power plan', (t) => {
  t.deepEqual(settingsOf({}), defaultSettings)
  t.deepEqual(settingsOf({}), {
    softwareCenter: { restartRequired: false },
    maximumRunMinutes: 120,
    highImpact: false,
    suppressNotifications: false,
    highPerformancePowerPlan: false,
  })
})

test('S1-075, S1-079, S1-082, S1-083: everything that may be set comes back as it was set', (t) => {
  const all = {
    softwareCenter: { restartRequired: true, downloadMegabytes: 4_096, estimatedRunMinutes: 45 },
    runFirst,
    maximumRunMinutes: 0,
    platforms: [
      { architecture: 'x64', operatingSystem: { name: 'debian', version: '12' } },
      { architecture: 'arm64', operatingSystem: { name: 'ubuntu' } },
      { architecture: 'x86' },
    ],
    highImpact: true,
    customNotification: { ...notification, message: 'Two\nlines' },
    suppressNotifications: true,
    highPerformancePowerPlan: true,
  }
  t.deepEqual(settingsOf(all) as unknown, all)
})

const faulty = test.macro((t, document: unknown, ...expected: string[]) => {
  t.deepEqual(faultsOf(document), expected)
})

const softwareCenter = (fields: object) => ({ softwareCenter: fields })
const custom = (fields: object) => ({ highImpact: true, customNotification: { ...notification, ...fields } })
const long = 'x'.repeat(notificationCharactersMax + 1)

test('S1-078: minutes are a whole number', faulty, { maximumRunMinutes: 1.5 }, 'maximumRunMinutes out-of-range')
test('S1-078: minutes are not negative', faulty, { maximumRunMinutes: -1 }, 'maximumRunMinutes out-of-range')
test('S1-078: minutes are no text', faulty, { maximumRunMinutes: '120' }, 'maximumRunMinutes wrong-type')
test('S1-078: minutes end', faulty, { maximumRunMinutes: runMinutesMax + 1 }, 'maximumRunMinutes out-of-range')
test(
  'S1-082: a size is not negative',
  faulty,
  softwareCenter({ downloadMegabytes: -1 }),
  'softwareCenter.downloadMegabytes out-of-range',
)
test(
  'S1-082: a size ends',
  faulty,
  softwareCenter({ downloadMegabytes: downloadMegabytesMax + 1 }),
  'softwareCenter.downloadMegabytes out-of-range',
)
test(
  'S1-082: an estimate is whole',
  faulty,
  softwareCenter({ estimatedRunMinutes: 0.5 }),
  'softwareCenter.estimatedRunMinutes out-of-range',
)
test(
  'S1-082: a restart is required or not',
  faulty,
  softwareCenter({ restartRequired: 'no' }),
  'softwareCenter.restartRequired wrong-type',
)
test('S1-079: restricted to no platform is no restriction', faulty, { platforms: [] }, 'platforms too-few')
test(
  'S1-079: a processor that there is not',
  faulty,
  { platforms: [{ architecture: 'mips' }] },
  'platforms[0].architecture not-allowed',
)
test(
  'S1-079: one platform twice',
  faulty,
  { platforms: [{ architecture: 'x64' }, { architecture: 'x64' }] },
  'platforms[1] duplicate',
)
test(
  'S1-079: a version without a system',
  faulty,
  { platforms: [{ architecture: 'x64', operatingSystem: { version: '1' } }] },
  'platforms[0].operatingSystem.name missing',
)
test(
  'S1-079: a name that os-release cannot have',
  faulty,
  { platforms: [{ architecture: 'x64', operatingSystem: { name: 'Windows 10' } }] },
  'platforms[0].operatingSystem.name bad-characters',
)
test(
  'S1-075: package and program are both needed',
  faulty,
  { runFirst: {} },
  'runFirst.packageId bad-package-id',
  'runFirst.programName missing',
)
test(
  'S1-075: a program has a short name',
  faulty,
  { runFirst: { ...runFirst, programName: 'x'.repeat(programNameCharactersMax + 1) } },
  'runFirst.programName too-long',
)
test(
  'S1-075: a deployment is no package',
  faulty,
  { runFirst: { ...runFirst, packageId: 'RVL20001' } },
  'runFirst.packageId bad-package-id',
)
test(
  'S1-083: own texts need a high-impact task sequence',
  faulty,
  { customNotification: notification },
  'customNotification contradiction',
)
test(
  'S1-083: all four texts are required',
  faulty,
  { highImpact: true, customNotification: {} },
  ...Object.keys(notification).map((name) => `customNotification.${name} missing`),
)
test('S1-083: none of them is blank', faulty, custom({ closing: ' ' }), 'customNotification.closing missing')
test(
  'S1-083: each has at most 255 characters',
  faulty,
  custom({ headline: long, emphasis: long }),
  'customNotification.headline too-long',
  'customNotification.emphasis too-long',
)
test(
  'D14: a text has no control characters',
  faulty,
  custom({ headline: 'a\u001B[2J' }),
  'customNotification.headline bad-characters',
)
test('a field that there is not', faulty, { colour: 'red', __proto__: null }, 'colour unknown-field')
test('settings are an object', faulty, [], ' wrong-type')
test('settings are there', faulty, undefined, ' missing')

test('S1-083: 255 characters are not too many', (t) => {
  const text = 'x'.repeat(notificationCharactersMax)
  t.is(settingsOf(custom({ headline: text })).customNotification?.headline, text)
})

test('all faults are found at once', (t) => {
  t.is(faultsOf({ maximumRunMinutes: -1, platforms: [], runFirst: 1, highImpact: 'yes', softwareCenter: [] }).length, 5)
  const tooMany = Array.from({ length: platformsMax + 1 }, (_, index) => ({
    architecture: 'x64',
    operatingSystem: { name: `os${index}` },
  }))
  t.deepEqual(faultsOf({ platforms: tooMany }), ['platforms too-many'])
})

test('the normal form stays as it is, and anything else is settings or faults', (t) => {
  fc.assert(
    fc.property(
      fc.record(
        {
          maximumRunMinutes: fc.oneof(fc.integer({ min: -2, max: 500 }), fc.double()),
          highImpact: fc.boolean(),
          suppressNotifications: fc.boolean(),
          softwareCenter: fc.record({ downloadMegabytes: fc.integer() }, { requiredKeys: [] }),
          customNotification: fc.constantFrom(notification, { ...notification, closing: '' }, 7),
          platforms: fc.array(fc.record({ architecture: fc.constantFrom('x64', 'arm64', 'vax') })),
        },
        { requiredKeys: [] },
      ),
      (document) => {
        const parsed = parseSettings(document)
        if (parsed.kind === 'invalid') return parsed.faults.length > 0
        const again = parseSettings(JSON.parse(JSON.stringify(parsed.settings)))
        t.deepEqual(again, parsed)
        return true
      },
    ),
  )
  t.pass()
})
