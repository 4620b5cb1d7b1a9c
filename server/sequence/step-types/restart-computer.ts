/** Restart Computer (S2-018, S2-019, S1-048). The engine asks for the restart by itself. */

import type { ValuesOf } from '../field.ts'
import { text, wholeNumber, word } from '../fields.ts'
import { type Place, peek } from '../read-document.ts'
import { restartDelaySecondsMax } from '../restart-request.ts'
import { defineStepType } from '../step-type.ts'

const fields = {
  target: word('What starts next.', ['boot-image', 'installed-system'], { absent: 'installed-system' }),
  message: text('What the screen says before the restart.', {
    max: 512,
    absent: '',
    lines: 'many',
    shown: true,
    variable: 'SMSRebootMessage',
  }),
  timeoutSeconds: wholeNumber('How long the message stays; left out: a minute, and nothing without a message.', {
    min: 0,
    max: restartDelaySecondsMax,
    absent: 0,
    variable: 'SMSRebootTimeout',
  }),
}

type Settings = ValuesOf<typeof fields>

export const restartComputer = defineStepType({
  type: 'restart-computer',
  title: 'Restart Computer',
  about: 'Restarts into the boot image or the installed system; the sequence goes on at the next step.',
  category: 'general',
  runsIn: 'both',
  xmlName: 'RebootAction',
  withoutDeployment: true,
  fields,
  together: { settle: settleTimeout },
})

/** S2-018: a minute for a message that someone wrote; nobody needs to wait for none. */
function settleTimeout(settings: Settings, place: Place): Settings {
  const isLeftOut = peek(place, 'timeoutSeconds') === undefined
  return isLeftOut && settings.message !== '' ? { ...settings, timeoutSeconds: 60 } : settings
}
