/**
 * What a distribution point and the site say to each other. The point shows its own token (`Authorization: Bearer point_…`) with
 * every request; the site asks the point nothing.
 *
 * 1. `GET assignment`    what it is to have, in the newest versions
 * 2. `GET blobs/{sha256}` the octets of what it is to have; Range works
 * 3. `POST report`       what it has and what failed, all of it each time; said again and again it is the sign of life
 * 4. `POST run-token`    may the run with this token fetch, and what? Only the hash of the token is said.
 */

import type { PackageId } from '../address/identifiers.ts'
import type { AssignedContent, ContentReport } from '../site/content-state.ts'

export const pointPaths = {
  assignment: '/distribution-point/v1/assignment',
  report: '/distribution-point/v1/report',
  runToken: '/distribution-point/v1/run-token',
  /** A hash follows. */
  blobs: '/distribution-point/v1/blobs/',
} as const

export interface Assignment {
  readonly contents: readonly AssignedContent[]
  /** It fetches nothing, but waits for prestaged content to be imported; absent: it fetches what is missing. */
  readonly prestagedContentOnly?: true
}

export interface PointReport {
  readonly contents: readonly ContentReport[]
}

/** As many as a site can have identifiers for. */
export const reportedContentsMax = 65_535
/** Of the text of one failure. */
export const reasonCharactersMax = 500

export interface AskRunToken {
  /** 64 hexadecimal digits. */
  readonly tokenSha256: string
}

/** Which files of a version a run needs is not said: whoever may have one of them may have them all. */
export type RunTokenAnswer =
  | { readonly known: false }
  | { readonly known: true; readonly content: readonly { readonly id: PackageId; readonly version: number }[] }
