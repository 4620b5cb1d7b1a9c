/**
 * What holds back every start of a run, whatever is deployed: one switch that stops them all, and how many may begin in an hour. A
 * choice of this site; the source system has neither. The rules are in targeting/start-guard.ts. Runs that go on are not concerned.
 */

export interface StartGuard {
  /** Present: no run starts, at any door. */
  readonly stopped?: StoppedStarts
  /** Of runs that begin without a person: required or preferred ones. Absent: any number. */
  readonly maximumStartsPerHour?: number
  /** A machine whose client was heard within so many hours is well, and not installed anew by itself. 0: that is not asked. */
  readonly healthyHours: number
  /** More members than these have to be accepted when something that replaces their system is required of them (S5-039). 0: not asked. */
  readonly highRiskDefaultSize: number
  /** More are never accepted (S5-039). 0: not asked. */
  readonly highRiskMaximumSize: number
  /** More have to be approved by a second person, whom no page can do without. 0: nobody has to. */
  readonly secondApprovalAbove: number
  /** What replaces the system and would be required of the site's own server, too. */
  readonly siteSystemServers: SiteSystemServerCheck
}

/** S5-040: refused, or asked whether it is accepted. */
export const siteSystemServerChecks = ['block', 'warn'] as const
export type SiteSystemServerCheck = (typeof siteSystemServerChecks)[number]

export interface StoppedStarts {
  /** In the administrator's words; never told to a machine. */
  readonly reason: string
  readonly by: string
  readonly atMs: number
}

/** For what is let through whatever the site wants. */
export const nothingGuarded: StartGuard = {
  healthyHours: 0,
  highRiskDefaultSize: 0,
  highRiskMaximumSize: 0,
  secondApprovalAbove: 0,
  siteSystemServers: 'block',
}
