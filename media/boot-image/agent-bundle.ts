/** The agent as one file: its modules and what they import, without types, so that a boot image holds no sources. */

import { dirname } from 'node:path'
import { rolldown } from 'rolldown'

/** Equal sources give equal octets: names of modules in the output are relative to the entry's folder. */
export async function bundleAgent(entry: string): Promise<Uint8Array> {
  const build = await rolldown({ input: entry, cwd: dirname(entry), platform: 'node', logLevel: 'warn' })
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false })
    if (output.length !== 1) throw new Error(`the agent became ${output.length} files instead of one`)
    const [{ code }] = output
    return new TextEncoder().encode(code)
  } finally {
    await build.close()
  }
}
