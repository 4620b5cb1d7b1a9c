/** Prepare Windows for Capture (S2-063): the system loses what makes it this machine, and restarts into the boot image. */

import { flag } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const prepareWindowsForCapture = defineStepType({
  type: 'prepare-windows-for-capture',
  title: 'Prepare Windows for Capture',
  about: 'Makes the installed system general, so that an image of it suits other machines; then the boot image starts.',
  category: 'images',
  runsIn: 'installed-system',
  xmlName: 'PrepareOSAction',
  outputs: ['OSDTargetSystemRoot'],
  fields: {
    buildMassStorageList: flag('Windows: sysprep builds the list of mass storage drivers.', false),
    doNotResetActivation: flag('Windows: the activation stays.', false, 'OSDKeepActivation'),
  },
})

export type PrepareWindowsForCapture = ActionOf<typeof prepareWindowsForCapture>
