/**
 * Check Readiness (S2-025 to S2-028): what the machine must have. All checks are made, then the step fails once.
 * The field also asks by default whether the system is a client; a Linux system does not say, so that is off here.
 */

import type { Field, ValuesOf } from '../field.ts'
import { flag, text, type TextForm, wholeNumber, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

const version: TextForm = {
  isGood: (value) => /^[0-9]+(?:\.[0-9]+){0,3}$/.test(value),
  advice: 'Give a version such as 12.5 or 10.0.18356.',
}

const language: TextForm = {
  isGood: (value) => /^[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*$/i.test(value),
  advice: 'Give a language such as de or en-US.',
}

/** S2-027: the variable of each check, in the order in which they are made. */
export const readinessVariables = {
  memory: '_TS_CRMEMORY',
  speed: '_TS_CRSPEED',
  disk: '_TS_CRDISK',
  osType: '_TS_CROSTYPE',
  architecture: '_TS_CRARCH',
  minimumOsVersion: '_TS_CRMINOSVER',
  maximumOsVersion: '_TS_CRMAXOSVER',
  minimumClientVersion: '_TS_CRCLIENTMINVER',
  osLanguage: '_TS_CROSLANGUAGE',
  acPower: '_TS_CRACPOWER',
  network: '_TS_CRNETWORK',
  wired: '_TS_CRWIRED',
} as const
export type ReadinessCheck = keyof typeof readinessVariables

const fields = {
  minimumMemoryMegabytes: megabytes('Memory; 0: not checked.', 768),
  minimumSpeedMegahertz: wholeNumber('Speed of the processor; 0: not checked.', {
    min: 0,
    max: 1_000_000,
    absent: 800,
  }),
  minimumDiskMegabytes: megabytes('Free disk space; 0: not checked. For an upgrade 20480 is recommended.', 0),
  osType: word('Of the system that is running.', ['not-checked', 'client', 'server'], { absent: 'not-checked' }),
  architecture: word('Of the processor.', ['not-checked', '32-bit', '64-bit'], { absent: 'not-checked' }),
  minimumOsVersion: text('Of the system that is running; empty: not checked.', { max: 64, absent: '', form: version }),
  maximumOsVersion: text('Of the system that is running; empty: not checked.', { max: 64, absent: '', form: version }),
  minimumClientVersion: text('Of the client, such as 0.1.0; empty: not checked.', {
    max: 64,
    absent: '',
    form: version,
  }),
  osLanguage: text('Of the system that is running, such as en-US; empty: not checked.', {
    max: 35,
    absent: '',
    form: language,
  }),
  acPower: flag('The machine must not run on its battery.', false),
  network: flag('A network adapter must be connected.', false),
  wired: flag('A connected network adapter must not be wireless; asks for `network` too.', false),
}

type Settings = ValuesOf<typeof fields>

export const checkReadiness = defineStepType({
  type: 'check-readiness',
  title: 'Check Readiness',
  about: 'Fails unless the machine has what the sequence needs.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'PrestartCheckAction',
  withoutDeployment: true,
  outputs: Object.values(readinessVariables),
  fields,
  together: { settle },
})

export type CheckReadiness = ActionOf<typeof checkReadiness>

function megabytes(about: string, absent: number): Field<number> {
  return wholeNumber(about, { min: 0, max: 1_000_000_000, absent })
}

function settle(settings: Settings, place: Place): Settings {
  if (settings.wired && !settings.network) {
    fault(memberOf(place, 'wired'), 'contradiction', 'Set network to true too: this check depends on it.')
  }
  return settings
}
