/**
 * Where the server is. In the boot image the loader says it on the kernel command line (`reveille.server=URL`, which
 * may come several times); in the installed system it stands in `/var/lib/reveille/agent.json`, left there by the
 * step that installed the client. No credential is ever in either place (security A18).
 */

import { lastArgument, type KernelCommandLine } from './kernel-command-line.ts'

/** Base addresses without a slash at the end, tried in order. */
export type ServerLocation = readonly string[]

export function serverFromCommandLine(commandLine: KernelCommandLine): ServerLocation {
  return (commandLine.get('reveille.server') ?? []).flatMap((value) => value.split(',')).flatMap(parseBase)
}

export function serverFromSettings(text: string): ServerLocation {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null || !('server' in parsed)) return []
  const { server } = parsed
  return Array.isArray(server)
    ? server.flatMap((value: unknown) => (typeof value === 'string' ? parseBase(value) : []))
    : []
}

export function printSettings(server: ServerLocation): string {
  return `${JSON.stringify({ server }, undefined, 2)}\n`
}

/** How long a person has to choose before the machine goes on without; 0 waits for ever. */
export function chooseSeconds(commandLine: KernelCommandLine): number {
  const text = lastArgument(commandLine, 'reveille.choose-seconds') ?? ''
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : chooseSecondsDefault
}

/** The error dialog of the field closes after as long (SMSTSErrorDialogTimeout), so nobody is surprised. */
export const chooseSecondsDefault = 900

/** The base address without a slash at its end; nothing for what is none, or has a credential in it. */
export function parseBase(text: string): readonly string[] {
  if (!URL.canParse(text)) return []
  const url = new URL(text)
  const isUsable = /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  return isUsable ? [`${url.origin}${url.pathname.replace(/\/+$/, '')}`] : []
}
