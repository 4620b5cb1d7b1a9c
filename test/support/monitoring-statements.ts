/**
 * What is seen of deployments and their runs: each statement with a short name, in the order of their numbers. And which of them
 * have no test, with the reason. `conformance.ts` joins them to the rest.
 */

import type { StatementGroup } from './conformance.ts'

export const monitoringStatements: readonly StatementGroup[] = [
  {
    title: 'Monitoring',
    prefix: 'S10-',
    digits: 3,
    statements: [
      'five states of a deployment, each with its devices',
      'at most 20,000 rows of devices',
      'what is told of each device',
      'message states of a deployment on a device',
      'insert strings, components and severities of status messages',
      'what a live page can show',
      'what reports make of the messages',
      'ready-made reports',
      'unknown computers are told apart',
      'the progress window',
      'step numbers and percent',
      'custom actions that report progress',
      'when progress is shown',
      'dialogs of errors, restarts and media',
      'alerts of deployments',
    ],
  },
]

/** By id: why no test proves it. */
export const monitoringNotCovered: Readonly<Record<string, string>> = {
  'S10-008': 'Not built: ready-made reports. The API and `--json` are for those of others.',
  'S10-010': 'There is no window: the machine shows lines of text, and the page shows the steps.',
  'S10-012': 'Not built: no interface for custom actions. What a step prints is shown.',
  'S10-013': 'There is no window: the machine shows lines of text (S5-029 hides them).',
  'S10-014': 'There are no dialogs: the machine shows lines of text.',
}

/** Ids with a test that proves a part only: what is open. */
export const monitoringCoveredInPart: Readonly<Record<string, string>> = {
  'S10-003': 'all but the output of the action, which is in its status message (S10-005)',
  'S10-004': 'ten of the fifteen; downloads are steps here, and nobody cancels a run from outside',
  'S10-015': 'alerts of deployments; those of content, distribution and the site itself are not built',
  'S10-007': 'what starts and ends the clock and marks the failed step; there are no reports',
}
