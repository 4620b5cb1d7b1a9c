/** The tables of distribution points and of the content that they have (schema.ts has the others). */

import type { DistributionPointGroupId, DistributionPointId, PackageId } from '../address/identifiers.ts'
import type { Ipv4Subnet } from '../address/ipv4-address.ts'
import type { ContentReport } from '../site/content-state.ts'
import type { JsonText } from './json-text.ts'

export interface DistributionSchema {
  distribution_points: DistributionPointTable
  distribution_point_groups: DistributionPointGroupTable
  distribution_point_tokens: { point_id: DistributionPointId; token_sha256: string }
  /** What was distributed to points by name, and to groups. */
  content_of_points: { content_id: PackageId; point_id: DistributionPointId }
  content_of_groups: { content_id: PackageId; group_id: DistributionPointGroupId }
  content_validations: { content_id: PackageId; point_id: DistributionPointId; number: number }
  point_reports: { point_id: DistributionPointId; heard_at_ms: number }
  reported_content: ReportedContentTable
}

interface DistributionPointTable {
  id: DistributionPointId
  name: string
  name_folded: string
  description: string
  base_url: string
  networks: JsonText<readonly Ipv4Subnet[]>
  is_default: 0 | 1
  prestaged_content_only: 0 | 1
  revision: number
}

interface DistributionPointGroupTable {
  id: DistributionPointGroupId
  name: string
  name_folded: string
  description: string
  members: JsonText<readonly DistributionPointId[]>
  revision: number
}

interface ReportedContentTable {
  point_id: DistributionPointId
  content_id: PackageId
  version: number
  state: ContentReport['state']
  reason: string | null
  validation: number
  verified_at_ms: number | null
}
