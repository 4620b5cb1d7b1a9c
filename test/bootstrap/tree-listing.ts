/** Everything that an image must keep of a tree of files, one line an entry, so that two trees are compared as text. Needs root. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Owner, mode, times to the nanosecond, links, device numbers, holes, content, and attributes. */
export function listTree(root: string): readonly string[] {
  const firstName = new Map<bigint, string>()
  const lines: string[] = []
  const visit = (path: string): void => {
    const place = join(root, path)
    const status = lstatSync(place, { bigint: true })
    const facts = [path || '.', status.mode.toString(8), `${status.uid}:${status.gid}`]
    // A folder's own time changes with what is written into it; tar sets it last.
    facts.push(`mtime ${status.mtimeNs}`)
    if (status.isFile()) {
      facts.push(`${status.size}`, createHash('sha256').update(readFileSync(place)).digest('hex').slice(0, 16))
      const other = firstName.get(status.ino)
      if (status.nlink > 1n && other !== undefined) facts.push(`is ${other}`)
      else firstName.set(status.ino, path)
      if (status.blocks * 512n < status.size) facts.push('has holes')
    } else if (status.isSymbolicLink()) facts.push(`-> ${readlinkSync(place)}`)
    else if (status.isCharacterDevice() || status.isBlockDevice()) facts.push(`device ${status.rdev}`)
    lines.push(facts.join(' '))
    if (!status.isDirectory()) return
    for (const name of readdirSync(place).sort())
      if (name !== 'lost+found') visit(path === '' ? name : `${path}/${name}`)
  }
  visit('')
  return [...lines, ...attributesOf(root)]
}

/** Extended attributes, access lists among them, as getfattr(1) prints them. */
function attributesOf(root: string): readonly string[] {
  const words = ['--recursive', '--physical', '--dump', '--match=-', '--absolute-names', '--encoding=hex', '.']
  // It ends with 1 where a link leads nowhere; links have no attributes.
  const { stdout: text } = spawnSync('getfattr', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return text
    .split('\n\n')
    .map((block) => block.trim().replaceAll('\n', ' '))
    .filter((block) => block !== '')
    .sort()
}
