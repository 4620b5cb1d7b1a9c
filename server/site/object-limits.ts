/** Limits that packages, applications and driver packages share. */

/** S1-013 gives texts of this kind 255 characters. */
export const objectNameCharactersMax = 255
export const objectDescriptionCharactersMax = 512
/** Manufacturer, publisher, language, version, category, edition. */
export const shortTextCharactersMax = 128
/** Of any list in such an object; no site of the field comes near. */
export const objectListMax = 200

/** As long as the command line of a step may be (sequence/parse-action.ts). */
export const programCommandLineCharactersMax = 32_000
export const programDirectoryCharactersMax = 255
export const programSuccessCodesMax = 100
/** Exit codes are 32 bits; Windows prints them with or without a sign. */
export const exitCodeRange = { min: -2_147_483_648, max: 4_294_967_295 } as const

/** S1-078: 120 unless it is said otherwise; 0 is no limit. */
export const runTimeMinutesDefault = 120
/** As long as a step may take. */
export const runTimeMinutesMax = 999
