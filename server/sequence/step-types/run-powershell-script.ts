/** Run PowerShell Script (S2-010 to S2-013): a script of a package, or the code itself. */

import type { ValuesOf } from '../field.ts'
import { optional, reference, text, variableName, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { runAsFields, runAsUserVariable, settleRunAs } from './run-as.ts'
import { successCodes } from './success-codes.ts'
import { fileOfPackage, startFolder } from './working-directory.ts'

const fields = {
  packageId: optional(reference('The package with the script.', 'package')),
  scriptName: text('The script in the package.', { max: 255, absent: '', form: fileOfPackage }),
  script: text('The code, instead of a package. `%` keeps its meaning in PowerShell; no variables are put in.', {
    max: 32_000,
    absent: '',
    lines: 'many',
    literal: true,
  }),
  parameters: text("The script's own parameters, as PowerShell reads them; special characters in single quotes.", {
    max: 32_000,
    absent: '',
  }),
  executionPolicy: word(
    'Which scripts PowerShell runs. PowerShell holds to it on Windows only.',
    ['all-signed', 'undefined', 'bypass'],
    { absent: 'all-signed' },
  ),
  workingDirectory: text("Where the script starts; left out: the package's folder, otherwise /.", {
    max: 127,
    absent: '',
    form: startFolder,
  }),
  successCodes: successCodes(),
  outputVariable: optional(variableName('Receives the last 1,000 characters that the script prints.', 'set')),
  ...runAsFields('SMSTSRunPowerShell'),
}

type Settings = ValuesOf<typeof fields>

export const runPowershellScript = defineStepType({
  type: 'run-powershell-script',
  title: 'Run PowerShell Script',
  about: 'Runs a PowerShell script from a package, or code that stands in the step.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'RunPowerShellScriptAction',
  withoutDeployment: true,
  isCustom: true,
  inputs: ['OSDLogPowerShellParameters', runAsUserVariable('SMSTSRunPowerShell')],
  fields,
  together: { settle },
})

export type RunPowershellScript = ActionOf<typeof runPowershellScript>

function settle(settings: Settings, place: Place): Settings {
  settleRunAs(settings, place)
  const { packageId, scriptName, script } = settings
  if (packageId === undefined && script.trim() === '') {
    fault(memberOf(place, 'script'), 'missing', 'Give the code, or packageId and scriptName.')
  }
  if (packageId !== undefined && script !== '') {
    fault(memberOf(place, 'script'), 'contradiction', 'Give a package or the code, not both.')
  }
  if (packageId !== undefined && scriptName === '') {
    fault(memberOf(place, 'scriptName'), 'missing', 'Give the name of the script in the package.')
  }
  if (packageId === undefined && scriptName !== '') {
    fault(memberOf(place, 'packageId'), 'missing', 'Give the package that holds the script.')
  }
  return settings
}
