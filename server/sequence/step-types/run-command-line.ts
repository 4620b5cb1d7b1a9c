/** Run Command Line (S2-002 to S2-009). */

import { flag, optional, text, variableName } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { successCodes } from './success-codes.ts'

export const runCommandLine = defineStepType({
  type: 'run-command-line',
  title: 'Run Command Line',
  about: 'Runs a command line with the shell, in the boot image, the applied system or the installed system.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'RunCommandLineAction',
  withoutDeployment: true,
  isCustom: true,
  fields: {
    commandLine: text('What the shell is to run.', { max: 32_000, lines: 'many' }),
    workingDirectory: text('Where the command starts; in the applied system when it runs there.', {
      max: 255,
      absent: '/',
      variable: 'WorkingDirectory',
    }),
    successCodes: successCodes(),
    outputVariable: optional(variableName('Receives what the command prints, up to 4,000 characters.', 'set')),
    inTargetSystem: flag('Runs inside the applied operating system (chroot) when in the boot image.', false),
  },
})

export type RunCommandLine = ActionOf<typeof runCommandLine>
