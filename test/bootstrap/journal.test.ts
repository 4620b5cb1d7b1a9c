/** The journal of events through torn lines, moves and kills. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { Journal, journalPath } from '../../bootstrap/journal.ts'
import type { RunEventBody } from '../../server/contract/agent.ts'
import { makeFolder } from './loop-disk.ts'

function line(text: string): RunEventBody {
  return { kind: 'output', stream: 'log', lines: [text] }
}

function sequences(journal: Journal): readonly number[] {
  return journal.unacknowledged(1_000_000).map(({ sequence }) => sequence)
}

test('I3: events are numbered from 1 without gaps, also after opening again', (t) => {
  const folder = makeFolder(t)
  const journal = new Journal(folder)
  journal.append(line('a'), 1)
  journal.append(line('b'), 2)
  journal.close()
  const again = new Journal(folder)
  again.append(line('c'), 3)
  t.deepEqual(sequences(again), [1, 2, 3])
  again.close()
})

test('what is acknowledged is gone, and the numbers go on', (t) => {
  const folder = makeFolder(t)
  const journal = new Journal(folder)
  for (const text of ['a', 'b', 'c']) journal.append(line(text), 1)
  journal.acknowledge(2)
  t.deepEqual(sequences(journal), [3])
  journal.acknowledge(3)
  journal.close()
  const again = new Journal(folder)
  t.is(again.append(line('d'), 1)?.sequence, 4)
  again.close()
})

test('I1: a server that holds more than the journal is followed, so that no number is used twice', (t) => {
  const folder = makeFolder(t)
  const journal = new Journal(folder)
  journal.append(line('a'), 1)
  journal.acknowledge(7)
  t.is(journal.append(line('b'), 1)?.sequence, 8)
  journal.close()
})

test('a torn last line is cut off at whatever octet it was torn', (t) => {
  const folder = makeFolder(t)
  const journal = new Journal(folder)
  journal.append(line('whole'), 1)
  journal.close()
  const good = statSync(journalPath(folder)).size
  const torn = `${JSON.stringify({ sequence: 2, atMs: 1, body: line('torn äöü') })}\n`
  for (let octets = 0; octets < Buffer.byteLength(torn); octets += 1) {
    truncateSync(journalPath(folder), good)
    appendFileSync(journalPath(folder), Buffer.from(torn).subarray(0, octets))
    const again = new Journal(folder)
    again.append(line('next'), 1)
    t.deepEqual(sequences(again), [1, 2])
    again.close()
    t.deepEqual(sequencesOf(new Journal(folder)), [1, 2])
  }
})

function sequencesOf(journal: Journal): readonly number[] {
  journal.close()
  return sequences(journal)
}

test('moving leaves nothing behind and loses nothing, and only the owner may read it', async (t) => {
  const [from, to] = [makeFolder(t), join(makeFolder(t), 'var/run')]
  const journal = new Journal(from)
  journal.append(line('a'), 1)
  const flushing = journal.flush()
  journal.moveTo(to)
  journal.append(line('b'), 1)
  await flushing
  await journal.flush()
  t.false(existsSync(journalPath(from)))
  t.is(statSync(journalPath(to)).mode & 0o777, 0o600)
  t.deepEqual(sequencesOf(new Journal(to)), [1, 2])
  journal.close()
})

const writer = fileURLToPath(new URL('journal-writer.ts', import.meta.url))

test('I1, I3, 30: killed at ten random points, the journal keeps every event it said was flushed, without gaps', async (t) => {
  const folder = makeFolder(t)
  let flushed = 0
  for (let round = 0; round < 10; round += 1) {
    const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const wanted = 1 + Math.floor(Math.random() * 60)
    let lines = 0
    for await (const chunk of child.stdout) {
      const text = String(chunk)
      lines += text.split('\n').length - 1
      if (lines >= wanted) break
    }
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const said = readFileSync(join(folder, 'said'), 'utf8')
      .trim()
      .split('\n')
      .map((entry) => entry.split(' '))
    for (const [word, number] of said) {
      if (word === 'flushed') flushed = Math.max(flushed, Number(number))
    }
    const journal = new Journal(folder)
    const kept = sequences(journal)
    t.true(journal.last >= flushed, `round ${round}: last ${journal.last}, flushed ${flushed}`)
    t.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, index) => journal.last - kept.length + 1 + index),
    )
    journal.close()
  }
  t.true(flushed > 20)
})
