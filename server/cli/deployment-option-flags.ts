/** The options of a deployment as `./reveille deployment create` and `edit` take them. */

import { CliError } from './cli-error.ts'
import type { Field } from './object-command.ts'
import { readInstant, readSwitch } from './option-values.ts'

const switches: readonly (readonly [flag: string, key: string, description: string])[] = [
  ['send-wake-up-packets', 'sendWakeUpPackets', 'wake its machines when a required one is due'],
  ['allow-metered-connection', 'allowMeteredConnection', 'clients start a required one over metered connections, too'],
  [
    'run-independently-of-assignments',
    'runIndependentlyOfAssignments',
    'people may start a required one before it is due',
  ],
  ['show-task-sequence-progress', 'showTaskSequenceProgress', 'whoever works at the machine can follow its steps'],
  [
    'software-installation-outside-window',
    'softwareInstallationOutsideWindow',
    'it starts outside maintenance windows, too',
  ],
  [
    'system-restart-outside-window',
    'systemRestartOutsideWindow',
    'it restarts systems outside maintenance windows, too',
  ],
  [
    'times-by-client-clock',
    'timesByClientClock',
    '--available-at and --expires-at are by each client’s own clock; write them with a Z, such as 2026-12-01T08:00Z',
  ],
  ['use-remote-distribution-point', 'useRemoteDistributionPoint', 'points that are not near serve its machines, too'],
  [
    'use-default-site-distribution-point',
    'useDefaultSiteDistributionPoint',
    'the site’s default points serve its machines, too',
  ],
  [
    'use-default-distribution-point-groups',
    'useDefaultDistributionPointGroups',
    'when it is made, its content goes to the default groups of its collection',
  ],
  [
    'distribute-dependencies',
    'distributeDependencies',
    'when it is made, so does what its content depends on; without groups, to wherever its content is',
  ],
  ['allow-internet-clients', 'allowInternetClients', 'clients start it from networks that are not the site’s own, too'],
]

export const deploymentOptionFlags: readonly Field[] = [
  ...switches.map(([flag, key, description]) => ({
    flags: `--${flag} <true|false>`,
    description,
    key,
    read: readSwitch,
  })),
  {
    flags: '--content-option <when>',
    description: 'download-when-needed or, for clients only, download-before-start',
    key: 'contentOption',
  },
  {
    flags: '--success-alert <percent@time|none>',
    description: 'alert when fewer than so many in a hundred have succeeded by then, such as 80@2026-12-01T08:00',
    key: 'successAlert',
    read: readSuccessAlert,
  },
  {
    flags: '--failure-alert <percent|none>',
    description: 'alert as soon as more than so many in a hundred have failed',
    key: 'failureAlert',
    read: readFailureAlert,
  },
]

function readSuccessAlert(given: unknown): unknown {
  if (given === 'none') return null
  const [, percent, time] = /^(\d+)@(.+)$/.exec(String(given)) ?? []
  if (percent === undefined) {
    throw new CliError(`${String(given)} is neither none nor a percentage and a time such as 80@2026-12-01T08:00`)
  }
  return { belowPercent: Number(percent), atMs: readInstant(time) }
}

function readFailureAlert(given: unknown): unknown {
  if (given === 'none') return null
  if (!/^\d+$/.test(String(given))) throw new CliError(`${String(given)} is neither none nor a percentage such as 20`)
  return { abovePercent: Number(given) }
}
