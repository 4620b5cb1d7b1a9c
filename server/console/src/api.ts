/** Requests of the page. The session is a cookie that scripts cannot read; the header proves that it is our page that asks. */

interface Refused {
  readonly status: number
  readonly message: string
}

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly refused: Refused }

export async function request<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const answer = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: { 'x-reveille': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const value: unknown = text === '' ? undefined : JSON.parse(text)
    if (answer.ok) return { kind: 'ok', value: value as T }
    return { kind: 'refused', refused: { status: answer.status, message: problemText(value, answer.status) } }
  } catch {
    return {
      kind: 'refused',
      refused: { status: 0, message: 'The server does not answer. It is tried again by itself.' },
    }
  }
}

function problemText(value: unknown, status: number): string {
  if (typeof value !== 'object' || value === null) return `The server answered ${status}.`
  const { detail, title } = value as { detail?: unknown; title?: unknown }
  return typeof detail === 'string' ? detail : typeof title === 'string' ? title : `The server answered ${status}.`
}
