/** `./reveille` as a person runs it: a process of its own against a test's site. */

import { spawn } from 'node:child_process'
import { adminToken, type TestSite } from '../http/test-site.ts'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export async function runReveille(site: TestSite, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['server/cli.ts', ...args], {
      env: siteEnvironment(site),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

export function siteEnvironment(site: TestSite): NodeJS.ProcessEnv {
  return { ...process.env, REVEILLE_URL: `http://127.0.0.1:${site.port}`, REVEILLE_ADMIN_TOKEN: adminToken }
}
