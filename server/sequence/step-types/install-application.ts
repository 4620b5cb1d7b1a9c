/** Install Application (S2-029 to S2-034): a fixed list, or one that variables hold. */

import type { ValuesOf } from '../field.ts'
import { flag, list, reference } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { baseVariable } from './dynamic-list.ts'
import { retryUnexpectedRestarts } from './retry-unexpected-restarts.ts'

const fields = {
  applications: list('In the order in which they are installed.', reference('An application.', 'application'), {
    min: 0,
    max: 99,
    absent: [],
  }),
  baseVariable: baseVariable('Instead: App for the names of applications in App01, App02 and so on.'),
  continueOnFailure: flag('If an application fails, the others are installed all the same.', false),
  clearContent: flag('Removes what was fetched for it from the disk afterwards.', false),
  retryUnexpectedRestarts: retryUnexpectedRestarts(),
}

type Settings = ValuesOf<typeof fields>

export const installApplication = defineStepType({
  type: 'install-application',
  title: 'Install Application',
  about: 'Installs applications that are not there yet, with what they depend on.',
  category: 'software',
  runsIn: 'installed-system',
  xmlName: 'InstallApplicationAction',
  withoutDeployment: true,
  outputs: ['_TSAppInstallStatus'],
  inputs: ['TSErrorOnWarning'],
  fields,
  together: { settle },
})

export type InstallApplication = ActionOf<typeof installApplication>

function settle(settings: Settings, place: Place): Settings {
  const { applications, baseVariable: base } = settings
  if (applications.length === 0 && base === undefined) {
    fault(memberOf(place, 'applications'), 'missing', 'Give at least one application, or baseVariable.')
  }
  if (applications.length > 0 && base !== undefined) {
    fault(memberOf(place, 'baseVariable'), 'contradiction', 'Give applications or baseVariable, not both.')
  }
  return settings
}
