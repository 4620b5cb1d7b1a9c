/** atftpd, unpacked and not installed: Debian's packages of two TFTP servers exclude one another. */

import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloadPackages, resolvePackages } from '../../media/boot-image/debian-packages.ts'
import { root } from '../root.ts'

const run = promisify(execFile)
const directory = join(root, '.cache/bench')

export const atftpd = join(directory, 'atftpd/usr/sbin/atftpd')

/** From the machine's own package sources. */
export async function unpackAtftpd(): Promise<void> {
  const { stdout } = await run('dpkg', ['--print-architecture'])
  const source = { debianArchitecture: stdout.trim(), directory, onProgress: () => {} }
  await mkdir(directory, { recursive: true })
  const found = (await resolvePackages(source, ['atftpd'])).filter(({ name }) => name === 'atftpd')
  for (const file of await downloadPackages(source, found)) {
    await run('dpkg-deb', ['--extract', file, join(directory, 'atftpd')])
  }
}
