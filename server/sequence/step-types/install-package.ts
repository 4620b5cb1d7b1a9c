/** Install Package (S2-035 to S2-037): one program of a package, or a list that variables hold. */

import type { ValuesOf } from '../field.ts'
import { flag, optional, reference, text } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { baseVariable } from './dynamic-list.ts'

/** Which programs ran in this task sequence, one a line, as `RVL00001:Setup`. */
export const programsRunVariable = '_SMSTSProgramsRun'

const fields = {
  packageId: optional(reference('The package.', 'package')),
  programName: text('Its program, exactly as it is named there.', { max: 50, absent: '' }),
  baseVariable: baseVariable('Instead: Pkg for the texts RVL00001:Program in Pkg001, Pkg002 and so on.'),
  continueOnFailure: flag('If a package of the list fails, the others are installed all the same.', false),
}

type Settings = ValuesOf<typeof fields>

export const installPackage = defineStepType({
  type: 'install-package',
  title: 'Install Package',
  about: 'Fetches packages and runs their programs, whether or not they ran before.',
  category: 'software',
  runsIn: 'installed-system',
  xmlName: 'InstallSoftwareAction',
  withoutDeployment: true,
  outputs: [programsRunVariable],
  inputs: ['OSDDoNotLogCommand'],
  fields,
  together: { settle },
})

export type InstallPackage = ActionOf<typeof installPackage>

function settle(settings: Settings, place: Place): Settings {
  const { packageId, programName, baseVariable: base } = settings
  const isFixed = packageId !== undefined || programName !== ''
  if (!isFixed && base === undefined) {
    fault(memberOf(place, 'packageId'), 'missing', 'Give a package and its program, or baseVariable.')
  }
  if (isFixed && base !== undefined) {
    fault(memberOf(place, 'baseVariable'), 'contradiction', 'Give a package or baseVariable, not both.')
  }
  if (isFixed && packageId === undefined) {
    fault(memberOf(place, 'packageId'), 'missing', 'Give the package that has the program.')
  }
  if (isFixed && programName === '') {
    fault(memberOf(place, 'programName'), 'missing', 'Give the name of a program of the package.')
  }
  return settings
}
