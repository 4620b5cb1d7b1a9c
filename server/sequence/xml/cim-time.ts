/** Times in conditions: `20260131080000.000000+***` in XML (a CIM date and time, in UTC), RFC 3339 here. */

export function timeFromCim(text: string): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{6}(?:[+]000|[+]\*\*\*|-000)?)?$/.exec(text.trim())
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

export function timeToCim(at: string): string {
  return `${at.replaceAll(/[-:TZ]/g, '')}.000000+***`
}
