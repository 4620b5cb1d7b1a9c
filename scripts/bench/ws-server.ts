/**
 * The peer of the status page's WebSocket: `ws`, an event after the other, `send` for each page, as one would write it first. The
 * first page says how many events there are a second. A frame is like those of the site, with one machine in it.
 */

import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { stampOf } from './stamp.ts'

const [port = ''] = process.argv.slice(2)
const tickMs = 5

const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
let begun = false
let seq = 0

server.on('connection', (_socket, { url = '' }) => {
  if (begun) return
  begun = true
  const perSecond = Number(/events=(\d+)/.exec(url)?.[1] ?? 0)
  const beganMs = performance.now()
  setInterval(() => {
    const due = ((performance.now() - beganMs) / 1_000) * perSecond
    while (seq < due) tell()
  }, tickMs)
})
http.listen(Number(port))

function tell(): void {
  seq += 1
  const lane = { id: '02:00:00:00:00:01', name: 'pc-1', stage: 'steps', condition: 'moving', text: stampOf(seq % 20) }
  const frame = JSON.stringify({ kind: 'changes', seq, lanes: [{ seq, lane }], forgotten: [], events: [] })
  for (const socket of server.clients) socket.send(frame)
}
