/** What variables of a medium, and of its prestart command, decide before the site is asked: where it is, and which deployment is preferred. */

import type { PolicyVariable } from '../../server/contract/agent.ts'
import type { MediumManifest } from '../../server/contract/medium.ts'
import { parseBase, type ServerLocation } from '../server-location.ts'

export interface MediumVariables {
  readonly medium: readonly PolicyVariable[]
  readonly prestart: readonly PolicyVariable[]
}

const preferredVariable = 'SMSTSPreferredAdvertID'

/** S7-011, S7-012: the prestart command wins, then the medium's variables, then what it was made for. */
export function serversOf(
  { servers }: Pick<MediumManifest, 'servers'>,
  { medium, prestart }: MediumVariables,
): ServerLocation {
  const places = [prestart, medium].flatMap((variables) => [
    valueIn(variables, 'SMSTSMP'),
    valueIn(variables, 'SMSTSLocationMPs'),
  ])
  const named = places.map((text) => text.split('*').flatMap((each) => parseBase(each.trim())))
  return named.find((bases) => bases.length > 0) ?? servers.flatMap(parseBase)
}

/** S6-040, S6-043; undefined: there is none. */
export function preferredOf({
  medium,
  prestart,
}: MediumVariables): { readonly medium?: string; readonly prestart?: string } | undefined {
  const ofMedium = valueIn(medium, preferredVariable)
  const ofPrestart = valueIn(prestart, preferredVariable)
  if (ofMedium === '' && ofPrestart === '') return undefined
  return {
    ...(ofMedium === '' ? {} : { medium: ofMedium }),
    ...(ofPrestart === '' ? {} : { prestart: ofPrestart }),
  }
}

function valueIn(variables: readonly PolicyVariable[], wanted: string): string {
  return variables.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())?.value.trim() ?? ''
}
