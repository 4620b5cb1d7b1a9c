/** The store of Capture and Restore User State, whose place no step names itself (S2-050, S2-051). */

/** Set by Request State Store, or by the administrator for a folder of the machine's own, which is never a root. */
export const stateStorePathVariable = 'OSDStateStorePath'

/** Set by the engine as soon as a step of this run begins to capture: from then on an older store is not this run's. */
export const captureBegunVariable = '_OSDUserStateCaptureBegun'
