/** Every route of `/api/v1`, in the order of the document, and the document itself. */

import { z } from 'zod'
import type { HttpDependencies } from '../dependencies.ts'
import { agentSessionRoutes } from './agent-session-routes.ts'
import { alertRoutes } from './alert-routes.ts'
import { applicationRoutes } from './application-routes.ts'
import { auditRoutes } from './audit-routes.ts'
import { bootPreviewRoutes } from './boot-preview-routes.ts'
import { canaryRoutes } from './canary-routes.ts'
import { clearMarksRoutes } from './clear-marks-routes.ts'
import { clientPreviewRoutes } from './client-preview-routes.ts'
import { collectionRoutes } from './collection-routes.ts'
import { debuggerRoutes } from './debugger-routes.ts'
import { deploymentRoutes } from './deployment-routes.ts'
import { deploymentTemplateRoutes } from './deployment-template-routes.ts'
import { deploymentStatusRoutes } from './deployment-status-routes.ts'
import { distributeRoutes } from './distribute-routes.ts'
import { distributionPointRoutes } from './distribution-point-routes.ts'
import { distributionStatusRoute } from './distribution-status-route.ts'
import { deviceImportRoutes } from './device-import-routes.ts'
import { deviceRecordRoutes } from './device-record-routes.ts'
import { deviceRoutes } from './device-routes.ts'
import { editLockRoutes } from './edit-lock-routes.ts'
import { driverPackageRoutes, operatingSystemUpgradePackageRoutes } from './driver-package-routes.ts'
import { dryRunRoutes } from './dry-run-routes.ts'
import { exportRoutes } from './export-routes.ts'
import { importRoutes } from './import-routes.ts'
import { listedIdentifierRoutes } from './listed-identifier-routes.ts'
import { imageRoutes } from './image-routes.ts'
import { mediaRoutes } from './media/media-routes.ts'
import { membershipRoutes } from './membership-routes.ts'
import { openApiDocument } from './open-api.ts'
import { packageRoutes } from './package-routes.ts'
import { type ApiRoute, defineRoute } from './route.ts'
import { runRoutes } from './run-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { settingsRoutes } from './settings-routes.ts'
import { startGuardRoutes } from './start-guard-routes.ts'
import { statusMessageRoutes } from './status-message-routes.ts'
import { taskSequenceEditRoutes } from './task-sequence-edit-routes.ts'
import { taskSequenceActions } from './task-sequence-actions.ts'
import { taskSequenceFolderRoutes } from './task-sequence-folder-routes.ts'
import { taskSequenceRevisionRoutes } from './task-sequence-revision-routes.ts'
import { taskSequenceRoutes } from './task-sequence-routes.ts'
import { taskSequenceXmlRoutes } from './task-sequence-xml-routes.ts'
import { tokenRoutes } from './token-routes.ts'
import { wakeRoutes } from './wake-routes.ts'
import { wizardRoutes } from './wizard-routes.ts'

export const apiPrefix = '/api/v1'

export function apiRoutes(dependencies: HttpDependencies): readonly ApiRoute[] {
  const { store } = dependencies
  const routes = [
    ...deviceImportRoutes(store),
    ...deviceRoutes(store),
    ...deviceRecordRoutes(store),
    ...listedIdentifierRoutes(store),
    ...collectionRoutes(store),
    ...clearMarksRoutes(store),
    ...membershipRoutes(store),
    ...imageRoutes(dependencies),
    ...operatingSystemUpgradePackageRoutes(dependencies),
    ...packageRoutes(dependencies),
    ...driverPackageRoutes(dependencies),
    ...applicationRoutes(dependencies),
    ...taskSequenceRoutes(store),
    ...taskSequenceEditRoutes(dependencies),
    ...wizardRoutes(store),
    ...taskSequenceActions(store),
    ...taskSequenceRevisionRoutes(store),
    ...editLockRoutes(dependencies),
    ...taskSequenceFolderRoutes(store),
    ...taskSequenceXmlRoutes(store),
    ...exportRoutes(dependencies),
    ...importRoutes(dependencies),
    ...dryRunRoutes(store),
    ...deploymentRoutes(dependencies),
    ...deploymentTemplateRoutes(store),
    ...mediaRoutes(dependencies),
    ...distributionPointRoutes(store),
    ...distributeRoutes(store),
    distributionStatusRoute(store),
    ...canaryRoutes(store),
    ...deploymentStatusRoutes(store),
    ...runRoutes(store),
    ...statusMessageRoutes(store),
    ...debuggerRoutes(dependencies),
    ...agentSessionRoutes(dependencies),
    ...bootPreviewRoutes(dependencies),
    ...clientPreviewRoutes(dependencies),
    ...wakeRoutes(dependencies),
    ...startGuardRoutes(store),
    ...alertRoutes(store),
    ...auditRoutes(store),
    ...tokenRoutes(dependencies),
    ...sessionRoutes(dependencies),
    ...settingsRoutes(dependencies),
  ]
  let document: object | undefined
  return [
    ...routes,
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      access: 'public',
      summary: 'This document',
      answers: { 200: z.looseObject({ openapi: z.string() }) },
      answer: async () => ({ status: 200, body: (document ??= openApiDocument(routes)) }),
    }),
  ]
}
