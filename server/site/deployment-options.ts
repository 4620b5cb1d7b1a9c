/**
 * What the wizard asks of a deployment beside whom it is for, its purpose and its times: the pages Deployment Settings, User
 * Experience, Distribution Points and Alerts (S5-016, S5-017, S5-028, S5-030, S5-036). None of them says what may run in a boot image.
 */

/**
 * Each content before the step that needs it, or all of it before the first step. Reading it from a share as it is used is the
 * third way of the source system; what is read so is never checked, and there are no shares here.
 */
export const contentOptions = ['download-when-needed', 'download-before-start'] as const
export type ContentOption = (typeof contentOptions)[number]

export interface DeploymentOptions {
  /** Whoever sleeps is woken when a required one is due (S5-016). */
  readonly sendWakeUpPackets: boolean
  /** A required one starts on clients whose connection is paid by what goes over it (S5-017). */
  readonly allowMeteredConnection: boolean
  /** Somebody at the machine may start a required one before it is due; an available one always (S5-028). */
  readonly runIndependentlyOfAssignments: boolean
  /** Whoever works at the machine can follow its steps. */
  readonly showTaskSequenceProgress: boolean
  /** A required one starts outside maintenance windows, too (S9-016). */
  readonly softwareInstallationOutsideWindow: boolean
  /** What it started outside of a window may restart the installed system there, too (S9-017). */
  readonly systemRestartOutsideWindow: boolean
  /** Clients start it from networks that are not the site's own. */
  readonly allowInternetClients: boolean
  readonly contentOption: ContentOption
  /** Its times are those of the clock on the wall of each client, not of UTC (S5-018): the same hour everywhere. */
  readonly timesByClientClock: boolean
  /** Points whose boundary has not the machine serve it, too, before the site does (S5-032). */
  readonly useRemoteDistributionPoint: boolean
  /** So do those that are the site's default. */
  readonly useDefaultSiteDistributionPoint: boolean
  /** Its content went to the groups that its collection has by default when it was made (S5-002). */
  readonly useDefaultDistributionPointGroups: boolean
  /** So did what its content depends on. */
  readonly distributeDependencies: boolean
  /** Absent: nobody is alerted. */
  readonly successAlert?: SuccessAlert
  readonly failureAlert?: FailureAlert
}

/** Raised when fewer than so many in a hundred have succeeded at that instant, in milliseconds since the epoch. */
export interface SuccessAlert {
  readonly belowPercent: number
  readonly atMs: number
}

/** Raised as soon as more than so many in a hundred have failed. */
export interface FailureAlert {
  readonly abovePercent: number
}

export const defaultDeploymentOptions: DeploymentOptions = {
  sendWakeUpPackets: false,
  allowMeteredConnection: false,
  runIndependentlyOfAssignments: true,
  showTaskSequenceProgress: true,
  softwareInstallationOutsideWindow: false,
  systemRestartOutsideWindow: false,
  allowInternetClients: false,
  contentOption: 'download-when-needed',
  timesByClientClock: false,
  useRemoteDistributionPoint: false,
  useDefaultSiteDistributionPoint: true,
  useDefaultDistributionPointGroups: false,
  distributeDependencies: false,
}

type Alerts = 'successAlert' | 'failureAlert'
type Given = Omit<DeploymentOptions, Alerts> & {
  readonly [Name in Alerts]?: DeploymentOptions[Name] | null | undefined
}

/** The options alone, of whatever has them. */
export function optionsOf(given: Given): DeploymentOptions {
  const { successAlert, failureAlert } = given
  return {
    sendWakeUpPackets: given.sendWakeUpPackets,
    allowMeteredConnection: given.allowMeteredConnection,
    runIndependentlyOfAssignments: given.runIndependentlyOfAssignments,
    showTaskSequenceProgress: given.showTaskSequenceProgress,
    softwareInstallationOutsideWindow: given.softwareInstallationOutsideWindow,
    systemRestartOutsideWindow: given.systemRestartOutsideWindow,
    allowInternetClients: given.allowInternetClients,
    contentOption: given.contentOption,
    timesByClientClock: given.timesByClientClock,
    useRemoteDistributionPoint: given.useRemoteDistributionPoint,
    useDefaultSiteDistributionPoint: given.useDefaultSiteDistributionPoint,
    useDefaultDistributionPointGroups: given.useDefaultDistributionPointGroups,
    distributeDependencies: given.distributeDependencies,
    ...(successAlert === undefined || successAlert === null ? {} : { successAlert }),
    ...(failureAlert === undefined || failureAlert === null ? {} : { failureAlert }),
  }
}
