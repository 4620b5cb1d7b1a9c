/** How busy the server is, in words, and which of it somebody should look at. */

import type { DhcpLoad, HttpLoad, ServerLoad, StoreLoad, TftpLoad } from '../../contract/server-load.ts'
import { printBytes } from './format.ts'

export interface Figure {
  readonly name: string
  readonly text: string
  /** What somebody should look at. */
  readonly warnings: readonly string[]
}

/** A tenth of a second is what a person begins to notice. */
const loopDelayMsMax = 100
/** A disk that takes longer holds up whoever waits for an answer. */
const commitMsMax = 500
/** Of the blocks; a good network loses one in thousands. */
const resentShareMax = 0.02

export function loadFigures({ dhcp, tftp, http, store, loop, pages }: ServerLoad): readonly Figure[] {
  const figures: readonly (Figure | undefined)[] = [
    dhcp && dhcpFigure(dhcp),
    tftp && tftpFigure(tftp),
    http && httpFigure(http),
    store && storeFigure(store),
    loop && {
      name: 'Loop delay',
      text: `${loop.delayP99Ms} ms in one of a hundred cases`,
      warnings: loop.delayP99Ms > loopDelayMsMax ? ['everything is answered late'] : [],
    },
    pages && {
      name: 'Status pages',
      text: `${pages.open} open`,
      warnings: lost(pages.behind, 'too slow for what they are sent'),
    },
  ]
  return figures.filter((figure) => figure !== undefined)
}

/** For one line. */
export function loadHeadline({ dhcp, tftp, http }: ServerLoad): string {
  const bytesPerSecond = (http?.bytesPerSecond ?? 0) + (tftp?.sent?.bytesPerSecond ?? 0)
  const parts = [
    dhcp && `${count(dhcp.answersPerSecond, 'DHCP answer')}/s`,
    tftp && count(tftp.transfers, 'TFTP transfer'),
    http && `${count(http.requestsPerSecond, 'HTTP request')}/s`,
    `${printBytes(bytesPerSecond)}/s`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function dhcpFigure({ answersPerSecond, dropped }: DhcpLoad): Figure {
  return { name: 'DHCP', text: `${count(answersPerSecond, 'answer')}/s`, warnings: lastMinute(dropped, 'not answered') }
}

function tftpFigure({ transfers, turnedAway, sent }: TftpLoad): Figure {
  const resentShare = sent === undefined || sent.blocks === 0 ? 0 : sent.blocksResent / sent.blocks
  const resent = `${(resentShare * 100).toFixed(1)} % of the blocks sent again`
  const isResent = resentShare > resentShareMax
  const text = [
    count(transfers, 'transfer'),
    ...(sent === undefined ? [] : [`${printBytes(sent.bytesPerSecond)}/s`]),
    ...(sent === undefined || isResent ? [] : [resent]),
  ]
  const warnings = [...lastMinute(turnedAway, 'turned away'), ...(isResent ? [resent] : [])]
  return { name: 'TFTP', text: text.join(', '), warnings }
}

function httpFigure({ requestsPerSecond, bytesPerSecond, underWay, connections, refused }: HttpLoad): Figure {
  const text = [
    `${count(requestsPerSecond, 'request')}/s`,
    `${printBytes(bytesPerSecond)}/s`,
    `${underWay} under way`,
    count(connections, 'connection'),
  ]
  return { name: 'HTTP', text: text.join(', '), warnings: lastMinute(refused, 'refused') }
}

function storeFigure({ waiting, waitingMax, commitMs, dropped }: StoreLoad): Figure {
  const text = [`${waiting} waiting`, ...(commitMs === undefined ? [] : [`${commitMs} ms a commit`])]
  const warnings = [
    ...(waiting > waitingMax / 2 ? ['the queue is more than half full'] : []),
    ...(commitMs !== undefined && commitMs > commitMsMax ? ['the disk is slow'] : []),
    ...lastMinute(dropped, 'dropped'),
  ]
  return { name: 'Database', text: text.join(', '), warnings }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function lastMinute(number: number, what: string): readonly string[] {
  return lost(number, `${what} in the last minute`)
}

function lost(number: number, what: string): readonly string[] {
  return number > 0 ? [`${number} ${what}`] : []
}
