/** How busy the server is, in the page's words, and what it tells somebody to look at. */

import test from 'ava'
import { loadFigures, loadHeadline } from '../../server/console/src/load-figures.ts'
import type { ServerLoad } from '../../server/contract/server-load.ts'

const calm: ServerLoad = {
  dhcp: { answersPerSecond: 12, dropped: 0 },
  tftp: { transfers: 1, turnedAway: 0, sent: { bytesPerSecond: 110_000_000, blocks: 1_000, blocksResent: 3 } },
  http: { requestsPerSecond: 35, bytesPerSecond: 2_200_000, underWay: 4, connections: 9, refused: 0 },
  store: { waiting: 3, waitingMax: 10_000, commitMs: 7, dropped: 0 },
  loop: { delayP99Ms: 2 },
  pages: { open: 2, behind: 0 },
}

const lines = (load: ServerLoad): readonly string[] => loadFigures(load).map(({ name, text }) => `${name}: ${text}`)
const warnings = (load: ServerLoad): readonly string[] =>
  loadFigures(load).flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`))

test('a calm server is told in words, with units, and nobody has to look', (t) => {
  t.deepEqual(lines(calm), [
    'DHCP: 12 answers/s',
    'TFTP: 1 transfer, 110 MB/s, 0.3 % of the blocks sent again',
    'HTTP: 35 requests/s, 2.2 MB/s, 4 under way, 9 connections',
    'Database: 3 waiting, 7 ms a commit',
    'Loop delay: 2 ms in one of a hundred cases',
    'Status pages: 2 open',
  ])
  t.deepEqual(warnings(calm), [])
  t.is(loadHeadline(calm), '12 DHCP answers/s, 1 TFTP transfer, 35 HTTP requests/s, 112 MB/s')
})

test('what does not run, and what is not counted, is not there', (t) => {
  const load: ServerLoad = { tftp: { transfers: 0, turnedAway: 0 }, store: { waiting: 0, waitingMax: 1, dropped: 0 } }
  t.deepEqual(lines(load), ['TFTP: 0 transfers', 'Database: 0 waiting'])
  t.is(loadHeadline(load), '0 TFTP transfers, 0 B/s')
})

test('each figure says when somebody should look at it', (t) => {
  const sent = { bytesPerSecond: 1, blocks: 100, blocksResent: 3 }
  t.deepEqual(
    warnings({
      dhcp: { answersPerSecond: 1, dropped: 1 },
      tftp: { transfers: 1, turnedAway: 2, sent },
      http: { requestsPerSecond: 1, bytesPerSecond: 1, underWay: 1, connections: 1, refused: 3 },
      store: { waiting: 51, waitingMax: 100, commitMs: 501, dropped: 4 },
      loop: { delayP99Ms: 101 },
      pages: { open: 2, behind: 1 },
    }),
    [
      'DHCP: 1 not answered in the last minute',
      'TFTP: 2 turned away in the last minute',
      'TFTP: 3.0 % of the blocks sent again',
      'HTTP: 3 refused in the last minute',
      'Database: the queue is more than half full',
      'Database: the disk is slow',
      'Database: 4 dropped in the last minute',
      'Loop delay: everything is answered late',
      'Status pages: 1 too slow for what they are sent',
    ],
  )
  const limits: ServerLoad = {
    tftp: { transfers: 1, turnedAway: 0, sent: { ...sent, blocksResent: 2 } },
    store: { waiting: 50, waitingMax: 100, commitMs: 500, dropped: 0 },
    loop: { delayP99Ms: 100 },
  }
  t.deepEqual(warnings(limits), [])
})
