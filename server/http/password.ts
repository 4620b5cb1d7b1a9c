/**
 * Administrators' passwords as scrypt in a PHC string. Two computations at once, and few that wait: a flood of log-ins
 * must not take the threads that read files (security 6.2).
 */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Problem } from './problem.ts'

export const passwordCharactersMin = 12
export const passwordCharactersMax = 1_000

const logCost = 15
const blockSize = 8
const parallel = 3
const atOnceMax = 2
const waitingMax = 16

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, { logCost, blockSize, parallel })
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallel}$${unpadded(salt)}$${unpadded(hash)}`
}

/** An unknown name costs as much as a wrong password, so that nobody learns which names exist (security A13). */
export async function verifyPassword(password: string, phc: string | undefined): Promise<boolean> {
  const stored = phc === undefined ? undefined : parsePhc(phc)
  const { salt, hash, cost } = stored ?? nobody
  const derived = await derive(password, salt, cost)
  return timingSafeEqual(derived, hash) && stored !== undefined
}

interface Cost {
  readonly logCost: number
  readonly blockSize: number
  readonly parallel: number
}

const nobody = { salt: Buffer.alloc(16), hash: Buffer.alloc(32), cost: { logCost, blockSize, parallel } }

/** Parameters are bounded when read, too: a stored string is no memory bomb. */
function parsePhc(phc: string): { salt: Buffer; hash: Buffer; cost: Cost } | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc)
  if (match === null) return undefined
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match
  const cost = { logCost: Number(ln), blockSize: Number(r), parallel: Number(p) }
  if (cost.logCost > 18 || cost.blockSize > 16 || cost.parallel > 8) return undefined
  const octets = Buffer.from(hash, 'base64')
  return octets.length === 32 ? { salt: Buffer.from(salt, 'base64'), hash: octets, cost } : undefined
}

let running = 0
const waiting: (() => void)[] = []

async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= atOnceMax) {
    if (waiting.length >= waitingMax) throw new Problem(503, { headers: { 'retry-after': '2' } })
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  running += 1
  try {
    return await scryptAsync(password, salt, cost)
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}

function scryptAsync(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  const options = { N: 2 ** cost.logCost, r: cost.blockSize, p: cost.parallel, maxmem: 512 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '')
}
