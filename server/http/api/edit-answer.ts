/** How an edit of the store becomes an answer, and how If-Match becomes a revision. The ETag of an object is its revision. */

import type { IncomingMessage } from 'node:http'
import type { Edit } from '../../store/ports.ts'
import type { EditLock } from '../../site/edit-lock.ts'
import { notFound, Problem } from '../problem.ts'
import type { ApiAnswer } from './route.ts'

interface Revised {
  readonly revision: number
}

/** Absent or `*`: whatever is there is edited. A tag that is none of ours matches nothing. */
export function revisionOf(request: IncomingMessage): number | undefined {
  const header = request.headers['if-match']?.trim()
  if (header === undefined || header === '*') return undefined
  const [, digits] = /^"([0-9]{1,15})"$/.exec(header) ?? []
  return digits === undefined ? -1 : Number(digits)
}

export function editedValue<T>(edit: Edit<T>): T {
  switch (edit.kind) {
    case 'saved':
      return edit.value
    case 'not-found':
      throw notFound()
    case 'revision-mismatch':
      throw staleProblem()
    case 'refused':
      throw new Problem(409, { detail: edit.reason, code: 'refused' })
    case 'locked':
      throw lockedProblem(edit.lock)
    default:
      return edit satisfies never
  }
}

export function staleProblem(): Problem {
  return new Problem(412, { detail: 'Somebody else has changed this since you read it.', code: 'revision-mismatch' })
}

/** Says who has it and until when; never the token. */
export function lockedProblem({ holder, expiresAtMs }: EditLock): Problem {
  const until = new Date(expiresAtMs).toISOString()
  return new Problem(423, {
    detail: `${holder.name} has it open for editing until ${until}.`,
    code: 'locked',
    members: { lock: { holder: holder.name, expiresAtMs } },
  })
}

export function objectAnswer(object: Revised & object, status = 200, headers: Record<string, string> = {}): ApiAnswer {
  return { status, body: object, headers: { etag: `"${object.revision}"`, ...headers } }
}
