/** Task sequence documents: defaults, the normal form, and every fault with its path and code. */

import test from 'ava'
import * as fc from 'fast-check'
import { parseSequence } from '../../server/sequence/parse-sequence.ts'
import { arbitraryDocument } from '../support/arbitrary-sequences.ts'
import { commandStep, sequenceOf } from '../support/sequences.ts'

test('the shortest documents get every default', (t) => {
  t.deepEqual(sequenceOf({ name: 'Short' }), { name: 'Short', description: '', children: [] })
  const { children } = sequenceOf({
    name: 'Short',
    children: [
      { children: [] },
      { action: { type: 'run-command-line', commandLine: 'true' }, condition: [{ variable: 'A', operator: 'exists' }] },
    ],
  })
  const settings = { description: '', disabled: false, continueOnError: false }
  t.deepEqual(children, [
    { kind: 'group', name: 'Group', ...settings, children: [] },
    {
      kind: 'step',
      name: 'Run Command Line',
      ...settings,
      condition: { kind: 'all', conditions: [{ kind: 'variable', variable: 'A', operator: 'exists', value: '' }] },
      action: {
        type: 'run-command-line',
        commandLine: 'true',
        shell: 'sh',
        workingDirectory: '',
        successCodes: [0, 3010],
        inTargetSystem: false,
        disable64BitRedirection: false,
        runAsUser: false,
      },
    },
  ])
})

const defaults = test.macro((t, action: Readonly<Record<string, unknown>>, expected: object) => {
  const [node] = sequenceOf({ name: 'Defaults', children: [{ action }] }).children
  t.deepEqual(node?.kind === 'step' && node.action, { ...action, ...expected })
})

test(
  'defaults of Set Task Sequence Variable',
  defaults,
  { type: 'set-task-sequence-variable', variable: 'A' },
  { value: '', secret: false },
)
test(
  'S2-019: defaults of Restart Computer',
  defaults,
  { type: 'restart-computer' },
  { target: 'installed-system', message: '', timeoutSeconds: 0 },
)
test(
  'S1-048: a restart message is shown for a minute',
  defaults,
  { type: 'restart-computer', message: 'Soon' },
  { target: 'installed-system', timeoutSeconds: 60 },
)
test(
  'success codes are kept once each',
  defaults,
  { type: 'run-command-line', commandLine: 'x', successCodes: [0, 1, 0] },
  {
    shell: 'sh',
    successCodes: [0, 1],
    workingDirectory: '',
    inTargetSystem: false,
    disable64BitRedirection: false,
    runAsUser: false,
  },
)

test('what was parsed is the normal form: written as JSON and parsed again it stays as it is', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const sequence = sequenceOf(document)
        const written = JSON.stringify(sequence)
        return JSON.stringify(sequenceOf(JSON.parse(written))) === written
      }),
    ),
  )
})

test('no document of any kind makes the parser throw', (t) => {
  const limit = {
    maxDepth: 6,
    key: fc.constantFrom('name', 'children', 'kind', 'action', 'type', 'condition', '__proto__'),
  }
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.object(limit), fc.anything(), (document, children) => {
        const results = [parseSequence(document), parseSequence(children), parseSequence({ name: 'X', children })]
        return results.every(({ kind }) => kind === 'valid' || kind === 'invalid')
      }),
      { numRuns: 500 },
    ),
  )
})

const step = (action: object) => ({ name: 'X', children: [{ action }] })
const command = (more: object) => step({ type: 'run-command-line', commandLine: 'true', ...more })
const disk = (partitions: unknown, more: object = {}) =>
  step({ type: 'format-and-partition-disk', partitions, ...more })
const condition = (value: unknown) => ({ name: 'X', children: [{ ...asObject(commandStep('S')), condition: value }] })

const faults = test.macro((t, document: unknown, ...expected: string[]) => {
  const parsed = parseSequence(document)
  const found = parsed.kind === 'invalid' ? parsed.faults : []
  t.deepEqual(
    found.map(({ path, code }) => `${path} ${code}`.trim()),
    expected,
  )
  for (const { message } of found) t.regex(message, /^[A-Z"_].*\.$/)
})

test('no document', faults, undefined, 'missing')
test('a list is no document', faults, [], 'wrong-type')
test('null is no document', faults, null, 'wrong-type')
test(
  'unknown fields are refused, and __proto__ is one',
  faults,
  JSON.parse('{"name":"X","colour":1,"__proto__":{"children":[]}}'),
  'colour unknown-field',
  '["__proto__"] unknown-field',
)
test('inherited members are not read', faults, Object.create({ name: 'X' }), 'name missing')
test('S1-010: a sequence has a name', faults, { children: [] }, 'name missing')
test('S1-010: the name is not blank', faults, { name: '  ' }, 'name missing')
test('S1-010: the name has up to 50 characters', faults, { name: 'x'.repeat(51) }, 'name too-long')
test(
  'S1-012: a node has a name of up to 100 characters',
  faults,
  { name: 'X', children: [commandStep('x'.repeat(101)), commandStep('')] },
  'children[0].name too-long',
  'children[1].name missing',
)
test(
  'S1-013: descriptions have up to 255 characters',
  faults,
  { name: 'X', description: 'x'.repeat(256), children: [{ children: [], description: 'x'.repeat(256) }] },
  'description too-long',
  'children[0].description too-long',
)
test(
  'names hold no control characters',
  faults,
  { name: 'a\u0000b', children: [{ name: 'a\nb', children: [] }] },
  'name bad-characters',
  'children[0].name bad-characters',
)
test('texts are well-formed', faults, { name: 'a\ud800' }, 'name bad-characters')
test(
  'a node is a group or a step',
  faults,
  { name: 'X', children: [7, {}, { kind: 'stage' }, null] },
  'children[0] wrong-type',
  'children[1].action missing',
  'children[2].kind not-allowed',
  'children[2].action missing',
  'children[3] wrong-type',
)
test(
  'a step has no children, a group no action',
  faults,
  {
    name: 'X',
    children: [
      { kind: 'step', children: [], action: { type: 'setup-windows-and-configmgr' } },
      { kind: 'group', action: {} },
    ],
  },
  'children[0].children unknown-field',
  'children[1].action unknown-field',
)
test(
  'switches are true or false',
  faults,
  { name: 'X', children: [{ children: [], disabled: 'no', continueOnError: 1 }] },
  'children[0].disabled wrong-type',
  'children[0].continueOnError wrong-type',
)
test(
  'S2-004: time-outs are 1 second to 999 minutes',
  faults,
  {
    name: 'X',
    children: [
      commandStep('A', { timeoutSeconds: 0 }),
      commandStep('B', { timeoutSeconds: 59_941 }),
      commandStep('C', { timeoutSeconds: '60' }),
    ],
  },
  'children[0].timeoutSeconds out-of-range',
  'children[1].timeoutSeconds out-of-range',
  'children[2].timeoutSeconds wrong-type',
)
test('action types are known ones', faults, step({ type: 'toString' }), 'children[0].action.type not-allowed')
test('an action has a type', faults, step({}), 'children[0].action.type missing')
test(
  'S2-002: a command line is required',
  faults,
  step({ type: 'run-command-line' }),
  'children[0].action.commandLine missing',
)
test(
  'S2-002 S2-003: command lines and directories have limits',
  faults,
  command({ commandLine: 'x'.repeat(32_001), workingDirectory: 'x'.repeat(256) }),
  'children[0].action.commandLine too-long',
  'children[0].action.workingDirectory too-long',
)
test(
  'S1-018: success codes are whole numbers of 32 bits, at least one',
  faults,
  {
    name: 'X',
    children: [
      ...command({ successCodes: [] }).children,
      ...command({ successCodes: [0, '1', 0.5, 2 ** 32] }).children,
    ],
  },
  'children[0].action.successCodes too-few',
  'children[1].action.successCodes[1] wrong-type',
  'children[1].action.successCodes[2] out-of-range',
  'children[1].action.successCodes[3] out-of-range',
)
test(
  'S1-051: names of variables',
  faults,
  step({ type: 'set-task-sequence-variable', variable: 'MyV@riable' }),
  'children[0].action.variable bad-variable-name',
)
test(
  'S1-058: Set Task Sequence Variable cannot set read-only names',
  faults,
  step({ type: 'set-task-sequence-variable', variable: '_SMSTSInWinPE', value: 'x' }),
  'children[0].action.variable read-only-variable',
)
test(
  'S1-058: nor can the output of a command or a partition',
  faults,
  { name: 'X', children: [...command({ outputVariable: '_Out' }).children, ...disk([{ variable: '_Disk' }]).children] },
  'children[0].action.outputVariable read-only-variable',
  'children[1].action.partitions[0].variable read-only-variable',
)
test(
  'S1-053: values have up to 4,000 characters',
  faults,
  step({ type: 'set-task-sequence-variable', variable: 'A', value: 'x'.repeat(4_001) }),
  'children[0].action.value too-long',
)
test(
  'S1-048: restart messages have up to 512 characters',
  faults,
  step({ type: 'restart-computer', message: 'x'.repeat(513), target: 'HD', timeoutSeconds: -1 }),
  'children[0].action.target not-allowed',
  'children[0].action.message too-long',
  'children[0].action.timeoutSeconds out-of-range',
)
test(
  'S1-023: operators are known ones',
  faults,
  condition({ variable: 'A', operator: 'is' }),
  'children[0].condition.operator not-allowed',
)
test(
  'S1-022: conditions are named, and not empty',
  faults,
  condition({ kind: 'any', conditions: [{ kind: 'not', conditions: [] }, {}, []] }),
  'children[0].condition.conditions[0].kind not-allowed',
  'children[0].condition.conditions[0].conditions too-few',
  'children[0].condition.conditions[1].kind missing',
  'children[0].condition.conditions[1].conditions missing',
  'children[0].condition.conditions[2] wrong-type',
)
test(
  'S1-051: conditions may ask for read-only variables, not for bad names',
  faults,
  condition([
    { variable: '_SMSTSMake', operator: 'exists' },
    { variable: 'a b', operator: 'exists' },
  ]),
  'children[0].condition[1].variable bad-variable-name',
)
test('a disk step has partitions', faults, disk([]), 'children[0].action.partitions too-few')
test(
  'S2-043: percentages add up to 100 at most',
  faults,
  disk([{ size: { percentOfRemaining: 60 } }, { size: { percentOfRemaining: 41 } }]),
  'children[0].action.partitions contradiction',
)
test(
  'sizes are one of two kinds, in range',
  faults,
  disk(
    [
      { size: {} },
      { size: { megabytes: 1, percentOfRemaining: 1 } },
      { size: { megabytes: 0 } },
      { size: { percentOfRemaining: 101 } },
      { size: 7 },
    ].slice(0, 4),
    { diskNumber: -1 },
  ),
  'children[0].action.diskNumber out-of-range',
  'children[0].action.partitions[0].size.percentOfRemaining missing',
  'children[0].action.partitions[1].size contradiction',
  'children[0].action.partitions[2].size.megabytes out-of-range',
  'children[0].action.partitions[3].size.percentOfRemaining out-of-range',
  'children[0].action.partitions contradiction',
)
test(
  'an MBR disk has four partitions at most',
  faults,
  disk(
    Array.from({ length: 5 }, () => ({ size: { megabytes: 1 } })),
    { diskType: 'mbr' },
  ),
  'children[0].action.partitions too-many',
)
test(
  'an MBR disk has one active partition at most, and none for GRUB',
  faults,
  disk([{ bootable: true, size: { megabytes: 9 } }, { bootable: true }, { use: 'bios-boot', size: { megabytes: 1 } }], {
    diskType: 'mbr',
  }),
  'children[0].action.partitions[2].use contradiction',
  'children[0].action.partitions[1].bootable contradiction',
)
test(
  'the file system fits the use',
  faults,
  disk([{ use: 'efi', fileSystem: 'ext4' }]),
  'children[0].action.partitions[0].fileSystem contradiction',
)
test(
  'two partitions do not set one variable',
  faults,
  disk([{ variable: 'OSPart', size: { megabytes: 1 } }, { variable: 'OSPART' }]),
  'children[0].action.partitions[1].variable duplicate',
)
test(
  'an image is named by its id',
  faults,
  step({ type: 'apply-operating-system-image', imageId: 'debian' }),
  'children[0].action.imageId bad-package-id',
)
test(
  'addresses are addresses',
  faults,
  step({
    type: 'apply-network-settings',
    dnsDomain: '.',
    adapters: [
      { addresses: ['10.0.0.2', '%IP%/24'], gateways: ['10.0.0.256'] },
      { dhcp: true, addresses: ['10.0.0.3/24'] },
      { dhcp: false },
    ],
  }),
  'children[0].action.adapters[0].addresses[0] bad-address',
  'children[0].action.adapters[0].gateways[0] bad-address',
  'children[0].action.adapters[1].dhcp contradiction',
  'children[0].action.adapters[2].addresses missing',
  'children[0].action.dnsDomain bad-characters',
)
test(
  'a computer name is a host name, and a time zone does not lead out of its directory',
  faults,
  step({ type: 'apply-windows-settings', computerName: '-a', timeZone: '../../etc/passwd', locale: 'de DE' }),
  'children[0].action.computerName bad-characters',
  'children[0].action.timeZone bad-characters',
  'children[0].action.locale bad-characters',
)

test('S1-002: groups stand 64 deep, and no deeper', (t) => {
  const nested = (depth: number): unknown => (depth === 0 ? commandStep('S') : { children: [nested(depth - 1)] })
  t.is(parseSequence({ name: 'X', children: [nested(64)] }).kind, 'valid')
  t.deepEqual(codes(parseSequence({ name: 'X', children: [nested(65)] })), ['too-deep'])
  const conditions = (depth: number): unknown =>
    depth === 0 ? { variable: 'A', operator: 'exists' } : { kind: 'none', conditions: [conditions(depth - 1)] }
  t.is(parseSequence(condition(conditions(16))).kind, 'valid')
  t.deepEqual(codes(parseSequence(condition(conditions(17)))), ['too-deep'])
})

test('a sequence has 20,000 nodes at most, however they are spread', (t) => {
  const steps = (count: number) => Array.from({ length: count }, () => commandStep('S'))
  t.is(parseSequence({ name: 'X', children: steps(20_000) }).kind, 'valid')
  t.deepEqual(codes(parseSequence({ name: 'X', children: steps(20_001) })), ['too-many'])
  t.deepEqual(
    codes(parseSequence({ name: 'X', children: [{ children: steps(12_000) }, { children: steps(8_000) }] })),
    ['too-many'],
  )
})

test('faults are listed up to a thousand', (t) => {
  const parsed = parseSequence({ name: 'X', children: Array.from({ length: 4_000 }, () => 7) })
  const found = codes(parsed)
  t.is(found.length, 1_001)
  t.is(found.at(-1), 'too-many-faults')
})

test('a fault never tells a secret', (t) => {
  const value = 's3cret'.repeat(700)
  const parsed = parseSequence(step({ type: 'set-task-sequence-variable', variable: 'A', value, secret: true }))
  t.false(JSON.stringify(parsed).includes('s3cret'))
})

const warnings = test.macro((t, document: unknown, ...expected: string[]) => {
  const parsed = parseSequence(document)
  t.is(parsed.kind, 'valid')
  t.deepEqual(
    parsed.warnings.map(({ path, code }) => `${path} ${code}`),
    expected,
  )
})

const apply = { action: { type: 'apply-operating-system-image', imageId: 'RVL00004', destinationVariable: 'OSPart' } }

test(
  'a destination that no earlier step sets is a warning',
  warnings,
  { name: 'X', children: [{ children: [apply] }] },
  'children[0].children[0].action.destinationVariable never-set',
)
test('a destination that a partition sets is fine', warnings, {
  name: 'X',
  children: [...disk([{ variable: 'ospart' }]).children, apply],
})
test(
  'S1-032: Continue on error on Setup Windows and ConfigMgr is a warning',
  warnings,
  { name: 'X', children: [{ continueOnError: true, action: { type: 'setup-windows-and-configmgr' } }] },
  'children[0].continueOnError no-effect',
)
test(
  'an active partition on a GPT disk is a warning',
  warnings,
  disk([{ bootable: true }]),
  'children[0].action.partitions[0].bootable no-effect',
)

function codes(parsed: ReturnType<typeof parseSequence>): readonly string[] {
  return parsed.kind === 'invalid' ? parsed.faults.map(({ code }) => code) : []
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
