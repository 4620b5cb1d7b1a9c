/** What Capture and Restore User State have in common: the store, whose place no step names itself (S2-050, S2-051). */

/** Set by Request State Store, or by the administrator for a folder of the machine's own, which is never a root. */
export const stateStorePathVariable = 'OSDStateStorePath'

/** Ours: settings files of the transfer. */
export const settingsFilesMax = 32
export const settingsFileCharactersMax = 255
