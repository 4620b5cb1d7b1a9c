/** The questions about distribution points that are more than those of any object: their tokens, and the content that they have. */

import type { DistributionPointGroupId, DistributionPointId, PackageId } from '../address/identifiers.ts'
import type { AssignedContent, ContentReport } from '../site/content-state.ts'
import type { DistributionPoint } from '../site/distribution-point.ts'
import type { Edit } from './ports.ts'

export interface ContentTargets {
  readonly points: readonly DistributionPointId[]
  readonly groups: readonly DistributionPointGroupId[]
}

export interface ReportedContent extends ContentReport {
  readonly pointId: DistributionPointId
  readonly heardAtMs: number
}

export interface NewestContent {
  readonly version: number
  readonly validations: ReadonlyMap<DistributionPointId, number>
}

export interface Distribution {
  pointOfToken(tokenSha256: string): Promise<DistributionPoint | undefined>
  /** The token that it had until now opens nothing any more. */
  makePointToken(id: DistributionPointId, tokenSha256: string): Promise<Edit<DistributionPoint>>
  assignedContent(id: DistributionPointId): Promise<readonly AssignedContent[]>
  /** As it was asked for. */
  contentTargets(ids: readonly PackageId[]): Promise<ReadonlyMap<PackageId, ContentTargets>>
  /** Which points are to have it; absent: everything that was distributed. */
  pointsOfContent(ids?: readonly PackageId[]): Promise<ReadonlyMap<PackageId, ReadonlySet<DistributionPointId>>>
  /** The newest version of each, and how often each point was asked to hash it again; absent: of everything. */
  newestContent(ids?: readonly PackageId[]): Promise<ReadonlyMap<PackageId, NewestContent>>
  /** What points say of it; absent: of everything. */
  reportedContent(ids?: readonly PackageId[]): Promise<readonly ReportedContent[]>
  assignContent(ids: readonly PackageId[], targets: ContentTargets): Promise<Edit<null>>
  removeAssignedContent(id: PackageId, targets: ContentTargets): Promise<Edit<null>>
  requestValidation(id: PackageId, points: readonly DistributionPointId[]): Promise<void>
  keepPointReport(id: DistributionPointId, contents: readonly ContentReport[]): Promise<void>
}
