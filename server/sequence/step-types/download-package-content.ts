/** Download Package Content (S2-040, S2-041): content of several kinds, for later steps and their commands. */

import { parsePackageId } from '../../address/identifiers.ts'
import type { Field, Mention, ReferenceKind, ValuesOf } from '../field.ts'
import { flag, list, optional, record, text, variableName, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

const contentKinds = [
  'package',
  'driver-package',
  'operating-system-image',
  'operating-system-upgrade-package',
  'boot-image',
] as const satisfies readonly ReferenceKind[]

const entry = record('One of them.', {
  kind: word('What it is.', contentKinds, { absent: 'package' }),
  id: text('Its id.', {
    max: 8,
    form: {
      isGood: (value) => parsePackageId(value) !== undefined,
      advice: 'Give an id such as RVL00004.',
      code: 'bad-package-id',
    },
  }),
})

type Entry = typeof entry extends Field<infer Value> ? Value : never

const fields = {
  content: list(
    'In the order in which they are fetched.',
    { ...entry, mentions: mentionsOfEntry },
    { min: 1, max: 99 },
  ),
  location: word(
    'The folder of the task sequence, which is emptied at its end; the cache of the client; or a folder of your own.',
    ['working-directory', 'client-cache', 'custom'],
    { absent: 'working-directory' },
  ),
  customPath: text('The folder of your own, absolute; each content gets a folder there, named as its id.', {
    max: 255,
    absent: '',
    form: {
      isGood: (value) => /^(?:\/|[a-z]:[\\/])/i.test(value) && !value.split(/[\\/]/).includes('..'),
      advice: 'Give an absolute folder without "..".',
    },
  }),
  pathVariable: optional({
    ...variableName('MyContent puts the folders into MyContent01, MyContent02 and so on.', 'set'),
    // How many there are stands in the list; the first is always there.
    mentions: (variable: string, path: string): readonly Mention[] => [
      { kind: 'sets-variable', variable: pathVariableOf(variable, 0), path },
    ],
  }),
  continueOnFailure: flag('If one cannot be fetched, the others are fetched all the same.', false),
}

type Settings = ValuesOf<typeof fields>

export const downloadPackageContent = defineStepType({
  type: 'download-package-content',
  title: 'Download Package Content',
  about: 'Fetches content to a folder, for later steps and their commands.',
  category: 'software',
  runsIn: 'both',
  xmlName: 'DownloadPackageContentAction',
  withoutDeployment: true,
  fields,
  together: { settle },
})

export type DownloadPackageContent = ActionOf<typeof downloadPackageContent>

/** S2-041. */
export function pathVariableOf(base: string, index: number): string {
  return base + String(index + 1).padStart(2, '0')
}

function mentionsOfEntry({ kind, id }: Entry, path: string): readonly Mention[] {
  const parsed = parsePackageId(id)
  return parsed === undefined ? [] : [{ kind: 'reference', to: kind, id: parsed, path: `${path}.id` }]
}

function settle(settings: Settings, place: Place): Settings {
  const { location, customPath } = settings
  if (location === 'custom' && customPath === '') {
    fault(memberOf(place, 'customPath'), 'missing', 'Give the folder, or another location.')
  }
  if (location !== 'custom' && customPath !== '') {
    fault(memberOf(place, 'customPath'), 'contradiction', 'Set location to custom, or leave this out.')
  }
  return settings
}
