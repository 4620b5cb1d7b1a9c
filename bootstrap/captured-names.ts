/** What a captured image is called and said to be (S2-064), for the site and inside the image file. */

import type { CaptureOperatingSystemImage } from '../server/sequence/step-types/capture-operating-system-image.ts'
import { capturedImageDescriptionCharactersMax, capturedImageNameCharactersMax } from '../server/contract/agent.ts'

export function capturedImageName({ imageName }: CaptureOperatingSystemImage, system: string, machine: string): string {
  const name = imageName === '' ? [system, machine].filter((part) => part !== '').join(' of ') : imageName
  return inOneLine(name === '' ? 'Captured image' : name).slice(0, capturedImageNameCharactersMax)
}

/** Version and creator have no place of their own in an operating system image of the site. */
export function capturedImageDescription({ description, version, creator }: CaptureOperatingSystemImage): string {
  const facts = [version === '' ? '' : `version ${version}`, creator === '' ? '' : `created by ${creator}`]
  const about = facts.filter((fact) => fact !== '').join(', ')
  const whole = [inOneLine(description), about].filter((part) => part !== '').join('; ')
  return whole.slice(0, capturedImageDescriptionCharactersMax)
}

/** The name in os-release(5). */
export function systemName(osRelease: string): string {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1] ?? /^NAME=(.*)$/m.exec(osRelease)?.[1] ?? ''
  return value.trim().replace(/^(["'])(.*)\1$/, '$2')
}

function inOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}
