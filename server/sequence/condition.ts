/**
 * Conditions (S1-020 to S1-023): plain data. The root is an implicit AND; `all`, `any` and `none` nest. A `variable` is
 * answered by the environment; every other kind asks a fact of the machine (inspection.ts), which the engine has looked
 * up just before the node would run. Nothing here is evaluated; evaluate-condition.ts does that.
 */

export type Condition =
  | { readonly kind: 'all' | 'any' | 'none'; readonly conditions: readonly Condition[] }
  | VariableCondition
  | MachineCondition

export interface VariableCondition {
  readonly kind: 'variable'
  readonly variable: string
  readonly operator: VariableOperator
  /** Not used by `exists` and `not-exists`. */
  readonly value: string
}

/** What only the machine can answer. Texts may hold `%name%`. */
export type MachineCondition =
  | OsVersionCondition
  | OsLanguageCondition
  | FileCondition
  | FolderCondition
  | RegistryCondition
  | WmiCondition
  | SoftwareCondition

/** The system that is running: `ID` of os-release, such as `debian`, or `windows`. */
export interface OsVersionCondition {
  readonly kind: 'os-version'
  readonly system: string
  /** Absent: any. Words of `uname -m` are not used; these are the site's own. */
  readonly architecture?: 'x64' | 'x86' | 'arm64'
  /** Absent: any version, and systems derived from this one count too (`ID_LIKE`). */
  readonly version?: Comparison
}

export interface OsLanguageCondition {
  readonly kind: 'os-language'
  /** `de` holds for every `de-…`; `de-AT` for that one alone. */
  readonly language: string
}

export interface FileCondition {
  readonly kind: 'file'
  readonly path: string
  readonly version?: Comparison
  readonly modified?: TimeComparison
}

export interface FolderCondition {
  readonly kind: 'folder'
  readonly path: string
  readonly modified?: TimeComparison
}

export interface RegistryCondition {
  readonly kind: 'registry'
  readonly key: string
  /** Empty: the key's default value. */
  readonly valueName: string
  readonly operator: RegistryOperator
  /** Honoured by `exists` and `not-exists` only. */
  readonly type?: RegistryType
  /** Not used by `exists` and `not-exists`. */
  readonly data: string
}

export interface WmiCondition {
  readonly kind: 'wmi'
  readonly namespace: string
  readonly query: string
}

/** At least one of the first two, or a package of the machine's own package manager. */
export type SoftwareCondition =
  | {
      readonly kind: 'software'
      /** Windows Installer: exactly this version. */
      readonly productCode?: string
      /** Windows Installer: any version. */
      readonly upgradeCode?: string
    }
  | { readonly kind: 'software'; readonly package: string; readonly version?: Comparison }

export interface Comparison {
  readonly operator: ComparisonOperator
  readonly value: string
}

export interface TimeComparison {
  readonly operator: ComparisonOperator
  /** UTC, as `2026-01-31T00:00:00Z`. */
  readonly at: string
}

export const comparisonOperators = ['equals', 'not-equals', 'less', 'less-equal', 'greater', 'greater-equal'] as const
export type ComparisonOperator = (typeof comparisonOperators)[number]

export const registryOperators = ['exists', 'not-exists', ...comparisonOperators] as const
export type RegistryOperator = (typeof registryOperators)[number]

export const registryTypes = [
  'REG_SZ',
  'REG_DWORD',
  'REG_QWORD',
  'REG_BINARY',
  'REG_MULTI_SZ',
  'REG_EXPAND_SZ',
  'REG_NONE',
] as const
export type RegistryType = (typeof registryTypes)[number]

export const variableOperators = ['exists', 'not-exists', ...comparisonOperators, 'like', 'not-like'] as const
export type VariableOperator = (typeof variableOperators)[number]
