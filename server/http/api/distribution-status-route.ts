/** `/distribution-status`: which distribution point has which content, as the points say (S8-012). */

import { z } from 'zod'
import type { DistributionPointId, PackageId } from '../../address/identifiers.ts'
import type { NewestContent, ReportedContent } from '../../store/distribution-port.ts'
import type { Store } from '../../store/ports.ts'
import { listQuery, listView, packageId, pageOf } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const statusView = z
  .object({
    contentId: z.string(),
    pointId: z.string(),
    pointName: z.string(),
    state: z.enum(['installed', 'in-progress', 'failed', 'unknown']).meta({
      description: 'Of the newest version; unknown: the point has never said anything',
    }),
    version: z.number().int().optional().meta({ description: 'The one that the point speaks of' }),
    reason: z.string().optional(),
    validated: z.boolean().optional().meta({ description: 'Every request to hash it again was carried out' }),
    verifiedAtMs: z.number().optional(),
    heardAtMs: z.number().optional(),
  })
  .meta({ id: 'DistributionStatus' })

export function distributionStatusRoute(store: Store): ApiRoute {
  return defineRoute({
    method: 'get',
    path: '/distribution-status',
    summary: 'List which distribution point has which content',
    query: listQuery.extend({ contentId: packageId.exactOptional() }),
    answers: { 200: listView(statusView) },
    answer: async ({ query }) => {
      const rows = await readStatus(store, query.contentId === undefined ? undefined : [query.contentId])
      return { status: 200, body: pageOf(rows, query) }
    },
  })
}

async function readStatus(
  store: Store,
  ids: readonly PackageId[] | undefined,
): Promise<readonly z.output<typeof statusView>[]> {
  const [assigned, newest, reported, points] = await Promise.all([
    store.pointsOfContent(ids),
    store.newestContent(ids),
    store.reportedContent(ids),
    store.distributionPoints.list(),
  ])
  const reports = new Map(reported.map((report) => [`${report.id} ${report.pointId}`, report]))
  return [...assigned].flatMap(([contentId, having]) =>
    points
      .filter(({ id }) => having.has(id))
      .map(({ id, name }) => {
        const place: Place = { contentId, pointId: id, pointName: name }
        return showStatus(place, reports.get(`${contentId} ${id}`), newest.get(contentId))
      }),
  )
}

interface Place {
  readonly contentId: PackageId
  readonly pointId: DistributionPointId
  readonly pointName: string
}

function showStatus(
  place: Place,
  report: ReportedContent | undefined,
  newest: NewestContent | undefined,
): z.output<typeof statusView> {
  if (report === undefined || newest === undefined) return { ...place, state: 'unknown' }
  const { version, reason, validation, verifiedAtMs, heardAtMs } = report
  return {
    ...place,
    state: version === newest.version ? report.state : 'in-progress',
    version,
    ...(reason === undefined ? {} : { reason }),
    validated: validation >= (newest.validations.get(place.pointId) ?? 0),
    ...(verifiedAtMs === undefined ? {} : { verifiedAtMs }),
    heardAtMs,
  }
}
