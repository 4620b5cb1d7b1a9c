/**
 * Prints the first script of every iPXE, the same for all machines, also served under the name `autoexec.ipxe`: get
 * an address, then ask for the script of this machine, telling who it is. iPXE has no `params` here, so identity goes in
 * the query, percent-encoded by `:uristring` (I05), with the card that booted, `netX`, not the first one (I02).
 *
 * Spanning tree may block a port for 30 seconds and bonded ports longer, so both steps are repeated (R28, I08). A machine
 * that comes back here again and again is in a loop, and is told so.
 */

import { bootScriptPath } from '../site/boot-paths.ts'
import { type LocalBoot, localBootLines } from './ipxe-local-boot.ts'
import type { ServerUrl } from './server-url.ts'

const roundsMax = 5
const triesMax = 10
const pauseSeconds = 5

/**
 * Read by parse-boot-script-query.ts. `cpu` is asked of the processor, because BIOS builds of iPXE are all i386. The one
 * free text comes last: this iPXE undoes the encoding of `&` before it sends the request.
 */
const query = [
  'mac=${netX/mac:hexhyp}',
  'uuid=${uuid}',
  'platform=${platform}',
  'buildarch=${buildarch}',
  'cpu=${reveille-cpu}',
  'serial=${serial:uristring}',
].join('&')

export function printDiscoveryScript(serverUrl: ServerUrl, localBoot: LocalBoot): string {
  const lines = [
    '#!ipxe',
    `echo Reveille at ${serverUrl}`,
    'isset ${reveille-round} || set reveille-round:int32 0',
    'inc reveille-round',
    `iseq \${reveille-round} ${roundsMax + 1} && goto loop ||`,
    'set reveille-try:int32 0',
    ':address',
    'isset ${netX/ip} && goto identify ||',
    'dhcp && goto identify ||',
    'inc reveille-try',
    `iseq \${reveille-try} ${triesMax} && goto local ||`,
    `echo Reveille: no address yet, trying again in ${pauseSeconds} seconds`,
    `sleep ${pauseSeconds}`,
    'goto address',
    ':identify',
    'cpuid --ext 29 && set reveille-cpu x86_64 || set reveille-cpu i386',
    'set reveille-try:int32 0',
    ':ask',
    `chain --replace --autofree ${serverUrl}${bootScriptPath}?${query} ||`,
    'inc reveille-try',
    `iseq \${reveille-try} ${triesMax} && goto local ||`,
    `echo Reveille: ${serverUrl} did not answer, trying again in ${pauseSeconds} seconds`,
    `sleep ${pauseSeconds}`,
    'goto ask',
    ':loop',
    `echo Reveille: this machine was sent here ${roundsMax} times without starting anything`,
    'echo Reveille: another DHCP server may send iPXE to its own loader again',
    ':local',
    'echo Going on to the next boot device.',
    ...localBootLines(localBoot),
  ]
  return `${lines.join('\n')}\n`
}
