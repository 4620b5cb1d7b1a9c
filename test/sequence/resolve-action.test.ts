/** Which texts of which actions take in variables. */

import test from 'ava'
import type { Action } from '../../server/sequence/step-types.ts'
import { emptyEnvironment, type Environment, setVariables } from '../../server/sequence/environment.ts'
import { resolveAction } from '../../server/sequence/resolve-action.ts'
import { sequenceOf } from '../support/sequences.ts'

const resolves = test.macro((t, written: object, variables: Readonly<Record<string, string>>, expected: object) => {
  const environment = environmentOf(variables)
  t.like(resolveAction(actionOf(written), environment), { kind: 'resolved', action: expected })
})

test(
  'S1-060: a command line and its directory',
  resolves,
  { type: 'run-command-line', commandLine: 'echo %A%', workingDirectory: '/%A%' },
  { A: 'x' },
  { commandLine: 'echo x', workingDirectory: '/x' },
)
test(
  'S1-060: a value',
  resolves,
  { type: 'set-task-sequence-variable', variable: 'B', value: '%A%%A%' },
  { A: 'x' },
  { value: 'xx' },
)
test(
  'S1-060: the names of partitions',
  resolves,
  { type: 'format-and-partition-disk', partitions: [{ name: 'P-%A%' }] },
  { A: 'x' },
  { partitions: [{ name: 'P-x' }] },
)
test(
  'S1-060: addresses and the domain',
  resolves,
  {
    type: 'apply-network-settings',
    dnsDomain: '%A%.org',
    adapters: [{ addresses: ['%IP%/24'], gateways: ['%IP%'], dnsServers: ['%IP%'] }],
  },
  { A: 'x', IP: '10.0.0.2' },
  { dnsDomain: 'x.org', adapters: [{ addresses: ['10.0.0.2/24'], gateways: ['10.0.0.2'], dnsServers: ['10.0.0.2'] }] },
)
test(
  'S1-060: settings of the installed system',
  resolves,
  {
    type: 'apply-windows-settings',
    computerName: 'pc-%A%',
    registeredUser: '%A%',
    organization: '%A%',
    timeZone: '%A%/y',
    locale: '%A%',
  },
  { A: 'x' },
  { computerName: 'pc-x', registeredUser: 'x', organization: 'x', timeZone: 'x/y', locale: 'x' },
)
test(
  'a computer without OSDComputerName gets the name the site has for it',
  resolves,
  { type: 'apply-windows-settings' },
  { _SMSTSMachineName: 'lab-7' },
  { computerName: 'lab-7' },
)
test(
  'OSDComputerName comes before the name the site has',
  resolves,
  { type: 'apply-windows-settings' },
  { _SMSTSMachineName: 'lab-7', OSDComputerName: 'pc-7' },
  { computerName: 'pc-7' },
)
test(
  'a computer that nobody has a name for gets none',
  resolves,
  { type: 'apply-windows-settings' },
  {},
  { computerName: '' },
)
test(
  'S1-071: the message of a restart shows no secret',
  resolves,
  { type: 'restart-computer', message: 'Pin %Pin%' },
  { Pin: '7777' },
  { message: 'Pin ***' },
)
test(
  'an image is named by its id alone',
  resolves,
  { type: 'apply-operating-system-image', imageId: 'RVL00004' },
  {},
  { imageId: 'RVL00004' },
)

test(
  'S1-056: an action variable that is set decides instead of the step',
  resolves,
  { type: 'format-and-partition-disk', diskNumber: 0, diskType: 'gpt', partitions: [{}] },
  { OSDDiskIndex: '2', osdpartitionstyle: 'MBR' },
  { diskNumber: 2, diskType: 'mbr' },
)
test(
  'S1-071: a message that a variable gives shows no secret either',
  resolves,
  { type: 'restart-computer', message: 'Soon' },
  { SMSRebootMessage: 'Now %Pin%', Pin: '7777' },
  { message: 'Now %Pin%' },
)

const refuses = test.macro((t, written: object, variables: Readonly<Record<string, string>>, message: RegExp) => {
  const resolved = resolveAction(actionOf(written), environmentOf(variables))
  t.is(resolved.kind, 'unusable')
  if (resolved.kind === 'unusable') t.regex(resolved.message, message)
})

test(
  'S1-056: an action variable that does not fit is named',
  refuses,
  { type: 'format-and-partition-disk', partitions: [{}] },
  { OSDDiskIndex: 'first' },
  /^OSDDiskIndex cannot be used .* whole number from 0 to 255/,
)
test(
  'S1-060: a text is judged again when its variables are known',
  refuses,
  { type: 'apply-windows-settings', computerName: 'pc-%A%' },
  { A: 'a b' },
  /^computerName cannot be used .* host name/,
)
test(
  'S1-060: a variable brings no second line into a text of one',
  refuses,
  { type: 'run-command-line', commandLine: 'true', workingDirectory: '/%A%' },
  { A: 'x\ny' },
  /^workingDirectory cannot be used .* control characters/,
)

function environmentOf(variables: Readonly<Record<string, string>>): Environment {
  const assignments = Object.entries(variables).map(([name, value]) => ({ name, value, secret: name === 'Pin' }))
  const result = setVariables(emptyEnvironment, assignments, 'product')
  if (result.kind === 'set') return result.environment
  throw new Error(result.message)
}

function actionOf(written: object): Action {
  const [node] = sequenceOf({ name: 'One', children: [{ action: written }] }).children
  if (node?.kind === 'step') return node.action
  throw new Error('the document has one step')
}
