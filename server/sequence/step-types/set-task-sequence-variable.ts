/** Set Task Sequence Variable (S2-020): one variable, whose value may take in others. The engine does it by itself. */

import { variableValueCharactersMax } from '../environment.ts'
import { flag, text, variableName } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const setTaskSequenceVariable = defineStepType({
  type: 'set-task-sequence-variable',
  title: 'Set Task Sequence Variable',
  about: 'Sets one variable, which later steps and conditions read.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'SetVariableAction',
  withoutDeployment: true,
  isCustom: true,
  fields: {
    variable: variableName('The variable to set; names that start with "_" are read-only.', 'set'),
    value: text('The value; empty deletes the variable (S1-054).', {
      max: variableValueCharactersMax,
      absent: '',
      lines: 'many',
    }),
    secret: flag('Do not display this value: it is masked in logs, reports and on every page.', false),
  },
  together: { secretWhen: { member: 'value', flag: 'secret' } },
})

export type SetTaskSequenceVariable = ActionOf<typeof setTaskSequenceVariable>
