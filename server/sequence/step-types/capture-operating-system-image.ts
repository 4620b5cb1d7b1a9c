/**
 * Capture Operating System Image (S2-064). Without a destination the image is sent to the site, which makes it an operating
 * system image of its own; the source system has no such way.
 */

import type { ValuesOf } from '../field.ts'
import { text } from '../fields.ts'
import { fault, memberOf, type Place, warn } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

/** Of the SDK; the name is ours. */
const destinationCharactersMax = 255
const descriptionCharactersMax = 255
const creatorCharactersMax = 255
const versionCharactersMax = 32
const imageNameCharactersMax = 200
const accountCharactersMax = 255

const fields = {
  destination: text('A folder, or the file itself; left out: the image is sent to the site.', {
    max: destinationCharactersMax,
    absent: '',
    variable: 'OSDCaptureDestination',
  }),
  imageName: text('The name of the image; left out: the name of the captured system and of the machine.', {
    max: imageNameCharactersMax,
    absent: '',
  }),
  description: text('What the image is.', {
    max: descriptionCharactersMax,
    absent: '',
    lines: 'many',
    variable: 'OSDImageDescription',
  }),
  version: text('Its version.', { max: versionCharactersMax, absent: '', variable: 'OSDImageVersion' }),
  creator: text('Who made it.', { max: creatorCharactersMax, absent: '', variable: 'OSDImageCreator' }),
  account: text('Connects to the destination when it is a network folder.', {
    max: accountCharactersMax,
    absent: '',
    variable: 'OSDCaptureAccount',
  }),
  accountPassword: text('Of the account.', {
    max: 255,
    absent: '',
    secret: true,
    variable: 'OSDCaptureAccountPassword',
  }),
}

type Settings = ValuesOf<typeof fields>

export const captureOperatingSystemImage = defineStepType({
  type: 'capture-operating-system-image',
  title: 'Capture Operating System Image',
  about: 'Makes an image of the installed system, which Apply Operating System Image deploys.',
  category: 'images',
  runsIn: 'boot-image',
  xmlName: 'CaptureSystemImageAction',
  inputs: ['OSDTargetSystemRoot'],
  outputs: ['OSDCapturedImageId', 'OSDCapturedImageFile'],
  fields,
  together: { settle },
})

export type CaptureOperatingSystemImage = ActionOf<typeof captureOperatingSystemImage>

function settle(settings: Settings, place: Place): Settings {
  const { account, accountPassword, destination } = settings
  if (account === '' && accountPassword !== '') {
    fault(memberOf(place, 'account'), 'missing', 'Give the account that this password belongs to.')
  }
  if (account !== '' && destination === '') {
    warn(memberOf(place, 'account'), 'no-effect', 'The image is sent to the site, where no account is needed.')
  }
  return settings
}
