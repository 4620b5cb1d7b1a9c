/** Apply Windows Settings (S2-073): name, owner, time zone and language of the applied system. */

import { text } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** RFC 1123 section 2.1: letters, digits and hyphens, no hyphen at either end. */
const hostName = {
  isGood: (value: string) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(value),
  advice: 'Give a host name of 1 to 63 letters, digits and hyphens, or a variable such as %_SMSTSMachineName%.',
}

/** Becomes a file name under the zone directory, so nothing may lead out of it. */
const timeZoneName = {
  isGood: (value: string) => /^[a-z0-9_+-]+(?:\/[a-z0-9_+-]+){0,3}$/i.test(value),
  advice: 'Give a time zone such as Europe/Berlin, or leave it out.',
}

const localeName = {
  isGood: (value: string) => /^[a-z0-9_.@-]+$/i.test(value),
  advice: 'Give a locale such as en_US.UTF-8, or leave it out.',
}

export const applyWindowsSettings = defineStepType({
  type: 'apply-windows-settings',
  title: 'Apply Windows Settings',
  about: 'Sets the name, the owner, the time zone and the language of the applied system.',
  category: 'settings',
  runsIn: 'boot-image',
  xmlName: 'ApplyWindowsSettingsAction',
  fields: {
    computerName: text('The host name; left out: the name that the site has for the machine.', {
      max: 255,
      absent: '%_SMSTSMachineName%',
      form: hostName,
      variable: 'OSDComputerName',
      emptyWhenUnset: true,
    }),
    registeredUser: text('The person the system belongs to.', {
      max: 255,
      absent: '',
      variable: 'OSDRegisteredUserName',
    }),
    organization: text('The organization it belongs to.', { max: 255, absent: '', variable: 'OSDRegisteredOrgName' }),
    timeZone: text("A time zone such as Europe/Berlin; left out: the image's.", {
      max: 255,
      absent: '',
      form: timeZoneName,
      variable: 'OSDTimeZone',
    }),
    locale: text("A locale such as en_US.UTF-8; left out: the image's.", {
      max: 255,
      absent: '',
      form: localeName,
      variable: 'OSDWindowsSettingsSystemLocale',
    }),
  },
})

export type ApplyWindowsSettings = ActionOf<typeof applyWindowsSettings>
