/** Run Task Sequence (configmgr-spec 1.9): the steps of the other task sequence take its place before a run starts. */

import { reference } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const runTaskSequence = defineStepType({
  type: 'run-task-sequence',
  title: 'Run Task Sequence',
  about: 'Runs another task sequence as part of this one.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'SubTasksequence',
  withoutDeployment: true,
  fields: { taskSequenceId: reference('The task sequence to run as part of this one.', 'task-sequence') },
})

export type RunTaskSequence = ActionOf<typeof runTaskSequence>
