/** What may be said of a medium when it is made (S7-014 to S7-019): sizes, dates, label, and the ties of users to machines. */

/** As the field names them (S7-014). Octets of an image; absent: as large as it needs to be. */
export const mediumSizes: Readonly<Record<MediumSize, { readonly bytesMax?: number }>> = {
  unlimited: {},
  '650-mb': { bytesMax: 650 * 1024 ** 2 },
  /** A DVD with one layer. */
  '4-gb': { bytesMax: 4_700_372_992 },
  /** A DVD with two. */
  '8-gb': { bytesMax: 8_543_666_176 },
}
export const mediumSizeNames = ['unlimited', '650-mb', '4-gb', '8-gb'] as const
export type MediumSize = (typeof mediumSizeNames)[number]

export const defaultMediumLabel = 'Reveille'
export const mediumLabelCharactersMax = 32
export const mediumDescriptionCharactersMax = 512

/** S7-019. */
export const mediumLastsMs = 365 * 24 * 3_600_000

export const mediumPasswordCharactersMin = 12
export const mediumPasswordCharactersMax = 1_000
export const mediumVariablesMax = 256
export const mediumServersMax = 16
/** That a medium may be bound to. */
export const mediumDeploymentsMax = 100
export const prestartCommandCharactersMax = 2_000

/** What the variable of the field says for each setting of the medium (S6-062, S7-018). */
export const affinityModes = { automatic: 'Auto', pending: 'Pending', 'not-allowed': 'Disabled' } as const
export type MediumAffinity = keyof typeof affinityModes
export const mediumAffinities = ['automatic', 'pending', 'not-allowed'] as const satisfies readonly MediumAffinity[]
export const affinityVariable = 'SMSTSAssignUsersMode'

/** Machines that one medium is known to have started; of more, the ones that were seen last. */
export const mediumUsesMax = 1_000
