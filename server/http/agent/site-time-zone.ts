/** The time zone of the site, which is that of the server (S3.1, `_SMSTSTimezone`): tzfile(5) ends with its rule. */

import { readFile } from 'node:fs/promises'
import { timeZoneFields } from '../../site/time-zone-fields.ts'

/** Undefined where the system has no such files, or the fields cannot say the rule. */
export async function readSiteTimeZone(): Promise<string | undefined> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  // The name is of the runtime's own list.
  for (const file of [`/usr/share/zoneinfo/${timeZone}`, '/etc/localtime']) {
    const octets = await readFile(file).catch(() => undefined)
    if (octets !== undefined) return timeZoneFields(ruleOf(octets))
  }
  return undefined
}

/** Between the last two line ends of the file. */
function ruleOf(octets: Buffer): string {
  return octets.toString('latin1').trimEnd().split('\n').at(-1) ?? ''
}
