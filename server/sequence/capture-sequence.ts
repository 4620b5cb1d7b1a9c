/**
 * What capture media run (S7-009, S2-016, S2-064): the folder of the network that the person names is connected, and the system
 * that is on the disk becomes an image in it. Where to, with which account, and what the image is called are variables without
 * a value, which are asked for before it starts (S1-068).
 */

import { assert } from '../assert.ts'
import { parseSequence } from './parse-sequence.ts'
import type { TaskSequence } from './task-sequence.ts'

/** In the order in which they are asked for. */
export const captureVariables = [
  { name: 'SMSConnectNetworkFolderPath', value: '', secret: false },
  { name: 'SMSConnectNetworkFolderAccount', value: '', secret: false },
  { name: 'SMSConnectNetworkFolderPassword', value: '', secret: true },
  { name: 'CaptureFileName', value: '', secret: false },
  { name: 'OSDImageDescription', value: '', secret: false },
  { name: 'OSDImageVersion', value: '', secret: false },
  { name: 'OSDImageCreator', value: '', secret: false },
] as const

const document = {
  name: 'Capture the installed system',
  description: 'Connects a folder of the network, and makes an image of the system on the disk there.',
  children: [
    {
      name: 'Connect to Network Folder',
      action: {
        type: 'connect-to-network-folder',
        // The published variables decide; without an account it is an NFS export, or a folder for guests (S2-017).
        path: '%SMSConnectNetworkFolderPath%',
        driveLetter: 'Z:',
      },
    },
    {
      name: 'Capture the System to a File',
      condition: { variable: 'CaptureFileName', operator: 'exists' },
      action: { type: 'capture-operating-system-image', destination: 'Z:\\%CaptureFileName%' },
    },
    {
      name: 'Capture the System to the Folder',
      condition: { variable: 'CaptureFileName', operator: 'not-exists' },
      action: { type: 'capture-operating-system-image', destination: 'Z:\\' },
    },
  ],
}

export const captureSequence: TaskSequence = parsed()

function parsed(): TaskSequence {
  const read = parseSequence(document)
  assert(read.kind === 'valid', 'the sequence of capture media is one')
  return read.sequence
}
