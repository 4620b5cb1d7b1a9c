/**
 * A task sequence with everything that can happen to one on its way from the boot image into Debian: conditions, a group
 * that fails and is passed over, a child task sequence, restarts that steps ask for, and steps that are long enough to pull the plug.
 */

import type { Lab } from '../../scripts/lab/lab.ts'
import { readSequence } from '../../scripts/lab/site-setup.ts'

/** Where the power cuts belong. */
export const cutInBootImage = 'CUT in the boot image'
export const cutInDebian = 'CUT in Debian'

const step = (name: string, action: object, settings: object = {}) => ({ kind: 'step', name, action, ...settings })
const command = (name: string, commandLine: string, settings: object = {}) =>
  step(name, { type: 'run-command-line', commandLine }, settings)
const group = (name: string, children: readonly unknown[], settings: object = {}) => ({
  kind: 'group',
  name,
  children,
  ...settings,
})

export async function sequenceWithEverything(lab: Lab): Promise<unknown> {
  const { server } = lab
  const image = await lab.addDebian()
  const child = await addChild(lab)
  const application = await server.call<{ id: string }>('POST', '/api/v1/applications', {
    name: 'Slow',
    allowInstallFromTaskSequence: true,
    deploymentTypes: [
      {
        name: 'script',
        // Halfway: the first attempt leaves its mark on the disk and never ends; the second finds it.
        installCommandLine: `if test -e /opt/begun; then touch /opt/slow; else touch /opt/begun; sync; echo ${cutInDebian}; sleep 3600; fi`,
        detection: { kind: 'path-exists', path: '/opt/slow', type: 'file' },
      },
    ],
  })
  const { children, ...rest } = (await readSequence('debian', { image })) as { children: { children: unknown[] }[] }
  const [install] = children
  const setup = install?.children.at(-1)
  return {
    ...rest,
    name: 'A sequence with everything',
    children: [
      { ...install, children: install?.children.slice(0, -1) },
      conditions,
      failing,
      step('Child', { type: 'run-task-sequence', taskSequenceId: child }),
      command('Seen from the parent', 'echo "the child said %FromChild%"'),
      again,
      command('Power cut', `echo ${cutInBootImage}; sleep 3600`, { continueOnError: true }),
      command('After the power cut', 'echo "the last action ended with %_SMSTSLastActionRetCode%"'),
      setup,
      step('Application', { type: 'install-application', applications: [application.id] }),
      command('Where it is now', '. /etc/os-release; echo "$ID, $(hostname)"'),
    ],
  }
}

/** A restart inside a child: the parent's place is kept as well. */
async function addChild({ server }: Lab): Promise<string> {
  const sequence = {
    name: 'The child',
    children: [
      command('Restart, please', 'echo FromChild=hello >>"$REVEILLE_VARIABLES"; exit 3010'),
      command('After the restart', 'echo "still known: %FromChild%"'),
    ],
  }
  // A child has no boot image.
  const { id } = await server.call<{ id: string }>('POST', '/api/v1/task-sequences', { enabled: true, sequence })
  return id
}

/** Leaves a mark where the restart keeps it, and asks to be run again as long as there was none. */
const again = command(
  'Again, please',
  [
    'if test -e %OSDTargetSystemRoot%/opt/again; then echo so be it; exit; fi',
    'touch %OSDTargetSystemRoot%/opt/again',
    'printf "SMSTSRebootRequested=WinPE\\nSMSTSRetryRequested=true\\n" >>"$REVEILLE_VARIABLES"',
  ].join('\n'),
)

const memory = (comparison: string) => ({
  kind: 'wmi',
  namespace: 'root\\cimv2',
  query: `SELECT * FROM Win32_ComputerSystem WHERE TotalPhysicalMemory ${comparison}`,
})

const conditions = group('Conditions', [
  command('Little memory', 'exit 1', { condition: memory('< 500000000') }),
  command('Enough memory', 'echo yes', { condition: memory('>= 500000000') }),
  command('No such file', 'exit 1', { condition: { kind: 'file', path: '%OSDTargetSystemRoot%/etc/fedora-release' } }),
  command('A file', 'echo yes', { condition: { kind: 'file', path: '%OSDTargetSystemRoot%/etc/debian_version' } }),
  command('A registry', 'exit 1', {
    condition: { kind: 'registry', key: 'HKEY_LOCAL_MACHINE\\SOFTWARE', valueName: '', operator: 'exists', data: '' },
  }),
])

const failing = group(
  'Fails and goes on',
  [
    command('Passes', 'true'),
    group('Inner', [command('Fails', 'echo not today; exit 7'), command('Never runs', 'echo never')]),
    command('Never runs either', 'echo never'),
  ],
  { continueOnError: true },
)

const restartedUnexpectedly =
  'The machine restarted unexpectedly while this step was running. A step that needs a restart asks for it with exit code ' +
  '3010 or SMSTSRebootRequested, and never restarts the machine itself.'

/** What it tells of a run with both power cuts. Groups are named by their place at their end. */
export const story: readonly string[] = [
  'the sequence starts',
  'group Install',
  'Partition the disk (BIOS)',
  '  succeeded 0',
  'skipped 0.1: condition-false. _SMSTSBootUEFI equals "true" is false: it is "false".',
  'Apply Debian',
  '  succeeded 0',
  'Apply Network Settings',
  '  succeeded 0',
  'Apply Windows Settings',
  '  succeeded 0',
  'group 0 succeeded',
  'group Conditions',
  'skipped 1.0: condition-false. WMI query "SELECT * FROM Win32_ComputerSystem WHERE TotalPhysicalMemory < 500000000" is false: it finds 0 objects.',
  'Enough memory',
  '  > yes',
  '  succeeded 0',
  'skipped 1.2: condition-false. File "/target/etc/fedora-release" is false: it does not exist.',
  'A file',
  '  > yes',
  '  succeeded 0',
  'skipped 1.4: condition-false. Registry value "HKEY_LOCAL_MACHINE\\SOFTWARE\\" exists is never true here, because there is no registry on Linux.',
  'group 1 succeeded',
  'group Fails and goes on',
  'Passes',
  '  succeeded 0',
  'group Inner',
  'Fails',
  '  > not today',
  '  failed 7: The command ended with exit code 7: not today',
  'skipped 2.1.1: parent-failed',
  'group 2.1 failed',
  'skipped 2.2: parent-failed',
  'group 2 failed-continued',
  'group Child (The child)',
  'Restart, please',
  '  succeeded 3010',
  'restarts into the boot-image',
  'back in the boot-image',
  'After the restart',
  '  > still known: hello',
  '  succeeded 0',
  'group 3 succeeded',
  'Seen from the parent',
  '  > the child said hello',
  '  succeeded 0',
  'Again, please',
  '  succeeded 0',
  'restarts into the boot-image',
  'back in the boot-image',
  'Again, please, attempt 2',
  '  > so be it',
  '  succeeded 0',
  'Power cut',
  `  > ${cutInBootImage}`,
  'back in the boot-image, unexpectedly',
  `  failed-continued 1115: ${restartedUnexpectedly}`,
  'After the power cut',
  '  > the last action ended with 1115',
  '  succeeded 0',
  'Setup Windows and ConfigMgr',
  '  succeeded 0',
  'restarts into the installed-system',
  'back in the installed-system',
  'Application',
  `  > ${cutInDebian}`,
  'back in the installed-system, unexpectedly',
  'Application, attempt 2',
  '  succeeded 0',
  'Where it is now',
  '  > debian, runs-1',
  '  succeeded 0',
  'the sequence succeeded',
]
