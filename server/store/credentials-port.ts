/** Principals of the API and the page. Only SHA-256 of tokens is stored, as 64 hexadecimal digits. */

export interface Credentials {
  administratorExists(): Promise<boolean>
  /** Undefined while none has been set up. PHC string. */
  administratorPassword(name: string): Promise<string | undefined>
  setAdministrator(name: string, passwordPhc: string): Promise<void>
  /** API tokens live until removed; page sessions have both limits (security 6.9). */
  addToken(token: NewToken): Promise<void>
  useToken(sha256: string, nowMs: number): Promise<StoredToken | undefined>
  listTokens(): Promise<readonly StoredToken[]>
  removeToken(sha256: string): Promise<boolean>
}

export interface NewToken {
  readonly sha256: string
  readonly kind: 'api' | 'page-session'
  readonly name: string
  readonly createdAtMs: number
  readonly idleMs?: number
  readonly expiresAtMs?: number
}

export interface StoredToken extends NewToken {
  readonly usedAtMs: number
}
