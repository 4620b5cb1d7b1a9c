/**
 * The package sources of this machine, reduced to those of its own release: sources.list(5), in both its forms.
 * What other publishers add (languages, clouds) does not belong into an operating system image.
 */

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface MachineSources {
  /** Code name of the release, such as `bookworm`. */
  readonly suite: string
  /** `debian` or another distribution that uses apt. */
  readonly distribution: string
  /** Text for sources files: entries of one form may not stand in a file of the other. */
  readonly oneLine: string
  readonly stanzas: string
}

export async function machineSources(): Promise<MachineSources> {
  const release = await readFile('/etc/os-release', 'utf8')
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1] ?? ''
  const suite = field('VERSION_CODENAME')
  if (suite === '') throw new Error('/etc/os-release names no release of Debian')
  const folder = '/etc/apt/sources.list.d'
  const names = (await readdir(folder).catch((): string[] => [])).sort()
  const texts = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
  )
  const main = await readFile('/etc/apt/sources.list', 'utf8').catch(() => '')
  const lists = [main, ...texts.filter(({ name }) => name.endsWith('.list')).map(({ text }) => text)]
  const sources = texts.filter(({ name }) => name.endsWith('.sources')).map(({ text }) => text)
  return {
    suite,
    distribution: field('ID'),
    oneLine: selectLines(lists.join('\n'), suite),
    stanzas: selectStanzas(sources.join('\n\n'), suite),
  }
}

/** `deb [options] URI suite component…` of the release, such as `bookworm` and `bookworm-security`. */
export function selectLines(text: string, suite: string): string {
  return text
    .split('\n')
    .filter((line) => {
      const words = line
        .replace(/\[[^\]]*\]/, '')
        .trim()
        .split(/\s+/)
      return words[0] === 'deb' && isOfRelease(words[2] ?? '', suite)
    })
    .map((line) => `${line.trim()}\n`)
    .join('')
}

/** Paragraphs with the fields `Types`, `URIs`, `Suites` …; comments are dropped. */
export function selectStanzas(text: string, suite: string): string {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .map((stanza) => stanza.trim())
    .filter((stanza) => {
      const suites = /^Suites:(.*)$/im.exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
      const isOn = !/^Enabled:\s*(no|false|0)\s*$/im.test(stanza)
      return isOn && /^Types:.*\bdeb\b(?!-src)/im.test(stanza) && suites.some((each) => isOfRelease(each, suite))
    })
    .map((stanza) => `${stanza}\n\n`)
    .join('')
}

function isOfRelease(name: string, suite: string): boolean {
  return name === suite || name.startsWith(`${suite}-`)
}
