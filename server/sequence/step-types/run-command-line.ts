/** Run Command Line (S2-002 to S2-009). */

import type { ValuesOf } from '../field.ts'
import { flag, optional, reference, text, variableName, word } from '../fields.ts'
import type { Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { runAsFields, runAsUserVariable, settleRunAs } from './run-as.ts'
import { successCodes } from './success-codes.ts'
import { startFolder } from './working-directory.ts'

const fields = {
  commandLine: text('What the shell is to run.', { max: 32_000, lines: 'many' }),
  shell: word('What reads the command line; a script of several lines is welcome.', ['sh', 'bash', 'python3'], {
    absent: 'sh',
  }),
  packageId: optional(reference('A package whose files are fetched first; it needs no program.', 'package')),
  workingDirectory: text("Where the command starts; left out: the package's folder, otherwise /.", {
    max: 255,
    absent: '',
    form: startFolder,
    variable: 'WorkingDirectory',
  }),
  successCodes: successCodes(),
  outputVariable: optional(variableName('Receives the last 1,000 characters that the command prints.', 'set')),
  inTargetSystem: flag('Runs inside the applied operating system (chroot) when in the boot image.', false),
  disable64BitRedirection: flag(
    'Windows: a 32-bit program sees the 64-bit system folders. Linux has no such redirection.',
    false,
    'SMSTSDisableWow64Redirection',
  ),
  ...runAsFields('SMSTSRunCommandLine'),
}

type Settings = ValuesOf<typeof fields>

export const runCommandLine = defineStepType({
  type: 'run-command-line',
  title: 'Run Command Line',
  about: 'Runs a command line with the shell, in the boot image, the applied system or the installed system.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'RunCommandLineAction',
  withoutDeployment: true,
  isCustom: true,
  inputs: ['OSDDoNotLogCommand', runAsUserVariable('SMSTSRunCommandLine')],
  fields,
  together: { settle },
})

export type RunCommandLine = ActionOf<typeof runCommandLine>

function settle(settings: Settings, place: Place): Settings {
  settleRunAs(settings, place)
  return settings
}
