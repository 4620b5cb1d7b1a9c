/** Brings a database up to the newest schema, forward only, and refuses one that belongs to another site. */

import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { SiteCode } from '../address/identifiers.ts'
import { firstSchema } from './migrations/0001-first-schema.ts'
import { agentLimits } from './migrations/0002-agent-limits.ts'
import { taskSequenceSettings } from './migrations/0003-task-sequence-settings.ts'
import { contentObjects } from './migrations/0004-content-objects.ts'
import { stateStores } from './migrations/0010-state-stores.ts'
import { debuggedRuns } from './migrations/0011-debugged-runs.ts'
import { scheduleInBootImage } from './migrations/0012-schedule-in-boot-image.ts'
import { unknownComputerMarks } from './migrations/0013-unknown-computer-marks.ts'
import { collectionRules } from './migrations/0014-collection-rules.ts'
import { deviceInventories } from './migrations/0015-device-inventories.ts'
import { lastingClients } from './migrations/0016-lasting-clients.ts'
import { audit } from './migrations/0017-audit.ts'
import { startGuard } from './migrations/0018-start-guard.ts'
import { ringsAndClients } from './migrations/0019-rings-and-clients.ts'
import { maintenanceWindows } from './migrations/0020-maintenance-windows.ts'
import { clientSchedules } from './migrations/0021-client-schedules.ts'
import { highRiskSizes } from './migrations/0022-high-risk-sizes.ts'
import { secondApprovals } from './migrations/0023-second-approvals.ts'
import { deploymentOptions } from './migrations/0024-deployment-options.ts'
import { wakeUps } from './migrations/0025-wake-ups.ts'
import { deploymentTemplates } from './migrations/0026-deployment-templates.ts'
import { siteSystemServers } from './migrations/0027-site-system-servers.ts'
import { listedIdentifiers } from './migrations/0030-listed-identifiers.ts'
import { serialNumbers } from './migrations/0031-serial-numbers.ts'
import { toldAddresses } from './migrations/0032-told-addresses.ts'
import { provisioning } from './migrations/0033-provisioning.ts'
import { statusMessages } from './migrations/0035-status-messages.ts'
import { statusOfDeployments } from './migrations/0036-status-of-deployments.ts'
import { alerts } from './migrations/0037-alerts.ts'
import { occasions } from './migrations/0040-occasions.ts'
import { distributionPoints } from './migrations/0045-distribution-points.ts'
import { media } from './migrations/0050-media.ts'
import type { Schema } from './schema.ts'
import { messageOf } from '../caught-error.ts'
import { StoreError } from './store-error.ts'

export async function migrate(db: Kysely<Schema>, siteCode: SiteCode): Promise<void> {
  const migrations = {
    '0001-first-schema': firstSchema(siteCode),
    '0002-agent-limits': agentLimits,
    '0003-task-sequence-settings': taskSequenceSettings,
    '0004-content-objects': contentObjects,
    '0010-state-stores': stateStores,
    '0011-debugged-runs': debuggedRuns,
    '0012-schedule-in-boot-image': scheduleInBootImage,
    '0013-unknown-computer-marks': unknownComputerMarks,
    '0014-collection-rules': collectionRules,
    '0015-device-inventories': deviceInventories,
    '0016-lasting-clients': lastingClients,
    '0017-audit': audit,
    '0018-start-guard': startGuard,
    '0019-rings-and-clients': ringsAndClients,
    '0020-maintenance-windows': maintenanceWindows,
    '0021-client-schedules': clientSchedules,
    '0022-high-risk-sizes': highRiskSizes,
    '0023-second-approvals': secondApprovals,
    '0024-deployment-options': deploymentOptions,
    '0025-wake-ups': wakeUps,
    '0026-deployment-templates': deploymentTemplates,
    '0027-site-system-servers': siteSystemServers,
    '0030-listed-identifiers': listedIdentifiers,
    '0031-serial-numbers': serialNumbers,
    '0032-told-addresses': toldAddresses,
    '0033-provisioning': provisioning,
    '0035-status-messages': statusMessages,
    '0036-status-of-deployments': statusOfDeployments,
    '0037-alerts': alerts,
    '0040-occasions': occasions,
    '0045-distribution-points': distributionPoints,
    '0050-media': media,
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) {
    throw new StoreError('cannot-open', `The database cannot be brought up to date: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const site = await db.selectFrom('site').select('site_code').executeTakeFirstOrThrow()
  if (site.site_code !== siteCode) {
    const message = `The database belongs to site ${site.site_code}, and this server is set up as site ${siteCode}`
    throw new StoreError('cannot-open', message)
  }
}
