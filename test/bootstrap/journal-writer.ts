/** A program that writes to a journal until it is killed, and says beforehand what must survive. */

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Journal } from '../../bootstrap/journal.ts'

const folder = process.argv[2] ?? ''
const journal = new Journal(folder)

// Nobody listens any more once the kill is on its way.
process.stdout.on('error', () => {})

for (;;) {
  const count = 1 + Math.floor(Math.random() * 5)
  for (let event = 0; event < count; event += 1) {
    journal.append(
      { kind: 'output', stream: 'log', lines: ['x'.repeat(Math.floor(Math.random() * 5_000))] },
      Date.now(),
    )
  }
  await journal.flush()
  say(`flushed ${journal.last}`)
  if (Math.random() < 0.3) {
    const sequence = journal.last - Math.floor(Math.random() * count)
    journal.acknowledge(sequence)
    say(`acknowledged ${sequence}`)
  }
}

function say(text: string): void {
  appendFileSync(join(folder, 'said'), `${text}\n`)
  process.stdout.write(`${text}\n`)
}
