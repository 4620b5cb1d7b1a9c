/** A tar archive of a few files, as packages take them. */

import { pack } from 'tar-stream'

export async function tarTree(
  files: Readonly<Record<string, string>>,
  executable: readonly string[] = [],
): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files))
    archive.entry({ name, mode: executable.includes(name) ? 0o755 : 0o644 }, text)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
