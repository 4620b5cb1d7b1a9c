/**
 * Files of tests that wait for browsers, disks and processes that they start, minutes in all: `npm run check` leaves them to
 * `npm test`, and says so. Run by hand, they are tests as any others.
 */

export const slowTests: readonly string[] = [
  'test/bootstrap/client.test.ts',
  'test/bootstrap/download-first.test.ts',
  'test/bootstrap/main.test.ts',
  'test/bootstrap/occasions.test.ts',
  'test/bootstrap/steps/apply-operating-system-image.test.ts',
  'test/bootstrap/steps/apply-wim.test.ts',
  'test/bootstrap/steps/bitlocker.test.ts',
  'test/bootstrap/steps/capture-operating-system-image.test.ts',
  'test/bootstrap/steps/install-software-updates.test.ts',
  'test/bootstrap/steps/settings.test.ts',
  'test/bootstrap/steps/upgrade-operating-system.test.ts',
  'test/cli/cli.test.ts',
  'test/cli/collections.test.ts',
  'test/cli/debugger.test.ts',
  'test/cli/device-import.test.ts',
  'test/cli/edit-steps.test.ts',
  'test/cli/exchange.test.ts',
  'test/cli/load.test.ts',
  'test/cli/monitoring.test.ts',
  'test/cli/packages.test.ts',
  'test/cli/schedules.test.ts',
  'test/console/monitoring.test.ts',
  'test/console/server-restart.test.ts',
  'test/console/status-page.test.ts',
  'test/content/inspect-root-archive.test.ts',
  'test/content/keep-content-tree.test.ts',
  'test/listen/tftp-lossy.test.ts',
  'test/media/many-trees.test.ts',
  'test/store/kill.test.ts',
]
