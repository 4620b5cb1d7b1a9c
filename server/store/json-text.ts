/** JSON kept in a text column, typed by what it holds. Only rows written by this store are read back, so decoding trusts it. */

export type JsonText<T> = string & { readonly __json: T }

export function encodeJson<T>(value: T): JsonText<T> {
  return JSON.stringify(value) as JsonText<T>
}

export function decodeJson<T>(text: JsonText<T>): T {
  return JSON.parse(text) as T
}
