/** Apply Windows Settings (S2-073): name, owner, time zone and language of the applied system. */

import type { ValuesOf } from '../field.ts'
import { flag, text, type TextForm, wholeNumber, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** RFC 1123 section 2.1: letters, digits and hyphens, no hyphen at either end. */
const hostName: TextForm = {
  isGood: (value) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(value),
  advice: 'Give a host name of 1 to 63 letters, digits and hyphens, or a variable such as %_SMSTSMachineName%.',
}

/** Becomes a file name under the zone directory, so nothing may lead out of it; or a name of Windows. */
const timeZoneName: TextForm = {
  isGood: (value) => /^[a-z0-9_+-]+(?:\/[a-z0-9_+-]+){0,3}$/i.test(value) || /^[a-z][a-z0-9_. ()+-]*$/i.test(value),
  advice: 'Give a time zone such as Europe/Berlin, or W. Europe Standard Time for Windows, or leave it out.',
}

const localeName: TextForm = {
  isGood: (value) => /^[a-z0-9_.@-]+$/i.test(value),
  advice: 'Give a locale such as en_US.UTF-8, or leave it out.',
}

const keyboardName: TextForm = {
  isGood: (value) => /^[a-z0-9_:;-]+$/i.test(value),
  advice: 'Give a keyboard such as de or en-US, or leave it out.',
}

const productKeyForm: TextForm = {
  isGood: (value) => /^(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}$/i.test(value),
  advice: 'Give five groups of five letters and digits with dashes between them, or leave it out.',
}

const licenseMode = word('How a Windows server is licensed.', ['none', 'per-seat', 'per-server'], {
  absent: 'none',
  variable: 'OSDServerLicenseMode',
})

const fields = {
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
  productKey: text('The product key of Windows.', {
    max: 255,
    absent: '',
    secret: true,
    form: productKeyForm,
    variable: 'OSDProductKey',
  }),
  // S2-073: the variable says PerSeat or PerServer.
  serverLicenseMode: {
    ...licenseMode,
    fromText: (value: string) => licenseMode.fromText(value.trim().replace(/^per(?=[a-z])/i, 'per-')),
  },
  serverLicenseConnectionLimit: wholeNumber('Connections, when it is licensed per server.', {
    min: 5,
    max: 9_999,
    absent: 5,
    variable: 'OSDServerLicenseConnectionLimit',
  }),
  randomAdminPassword: flag(
    'The local administrator gets a password that nobody knows, and on a system that allows it is disabled.',
    true,
    'OSDRandomAdminPassword',
  ),
  localAdminPassword: text('The password of the local administrator, when it is not a random one.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDLocalAdminPassword',
  }),
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
  userLocale: text('The formats of users, where they differ from the locale.', {
    max: 255,
    absent: '',
    form: localeName,
    variable: 'OSDWindowsSettingsUserLocale',
  }),
  inputLocale: text("The keyboard; left out: the image's.", {
    max: 255,
    absent: '',
    form: keyboardName,
    variable: 'OSDWindowsSettingsInputLocale',
  }),
  uiLanguage: text('The language of menus, where it differs from the locale.', {
    max: 255,
    absent: '',
    form: localeName,
    variable: 'OSDWindowsSettingsUILanguage',
  }),
  uiLanguageFallback: text('The language where that one has no text.', {
    max: 255,
    absent: '',
    form: localeName,
    variable: 'OSDWindowsSettingsUILanguageFallback',
  }),
}

type Settings = ValuesOf<typeof fields>

export const applyWindowsSettings = defineStepType({
  type: 'apply-windows-settings',
  title: 'Apply Windows Settings',
  about: 'Sets the name, the owner, the administrator, the time zone and the language of the applied system.',
  category: 'settings',
  runsIn: 'boot-image',
  xmlName: 'ApplyWindowsSettingsAction',
  fields,
  together: { settle },
})

export type ApplyWindowsSettings = ActionOf<typeof applyWindowsSettings>

function settle(settings: Settings, place: Place): Settings {
  const { randomAdminPassword, localAdminPassword } = settings
  if (!randomAdminPassword && localAdminPassword === '') {
    fault(memberOf(place, 'localAdminPassword'), 'missing', 'Give the password, or set randomAdminPassword to true.')
  }
  return settings
}
