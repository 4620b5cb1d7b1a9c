/**
 * What Check Readiness asks of the machine (S2-025). In the boot image there is no system whose version, kind or language
 * could be told; the disk is then the target that is mounted, or the largest fixed disk, which a sequence would format.
 * A Linux system that starts a graphical session is taken for a client, any other for a server.
 */

import { readdir, readFile, readlink, statfs } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ReadinessFacts } from '../server/sequence/judge-readiness.ts'
import type { StepContext } from './step-context.ts'

const megabyte = 1_048_576

export async function readReadinessFacts(context: StepContext, root = '/'): Promise<ReadinessFacts> {
  const isInstalled = context.where === 'installed-system'
  const { memoryBytes, architecture } = context.hardware
  return {
    memoryMegabytes: Math.floor(memoryBytes / megabyte),
    speedMegahertz: await readSpeed(root),
    freeDiskMegabytes: await readFreeDisk(context),
    architecture: architecture === 'x86' ? '32-bit' : '64-bit',
    ...(isInstalled ? await readSystem(root) : {}),
    clientVersion: context.agentVersion,
    onAcPower: await readPower(root),
    ...(await readLinks(root)),
  }
}

async function read(root: string, path: string): Promise<string> {
  return (await readFile(join(root, path), 'utf8').catch(() => '')).trim()
}

/** The highest that the processor can do; without frequency scaling the one it has now. */
async function readSpeed(root: string): Promise<number | undefined> {
  const kilohertz = await read(root, 'sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq')
  if (/^[0-9]+$/.test(kilohertz)) return Math.floor(Number(kilohertz) / 1_000)
  const speeds = [...(await read(root, 'proc/cpuinfo')).matchAll(/^cpu MHz\s*:\s*([0-9.]+)$/gm)].map(([, speed]) =>
    Number(speed),
  )
  return speeds.length === 0 ? undefined : Math.floor(Math.max(...speeds))
}

async function readFreeDisk({ where, target, disks }: StepContext): Promise<number | undefined> {
  if (where === 'installed-system' || target.isMounted) {
    const { bavail, bsize } = await statfs(target.root)
    return Math.floor((bavail * bsize) / megabyte)
  }
  if (disks.length === 0) return undefined
  return Math.floor(Math.max(...disks.map(({ bytes }) => bytes)) / megabyte)
}

async function readSystem(root: string): Promise<Pick<ReadinessFacts, 'osType' | 'osVersion' | 'osLanguage'>> {
  const release = (await read(root, 'etc/os-release')) || (await read(root, 'usr/lib/os-release'))
  const locale = (await read(root, 'etc/locale.conf')) || (await read(root, 'etc/default/locale'))
  const language = /^LANG="?([a-z]{2,3}(?:_[A-Z]{2})?)(?:[.@].*)?$/m.exec(locale)?.[1]
  return {
    osVersion: /^VERSION_ID="?([^"\n]*)"?$/m.exec(release)?.[1],
    osType: await readSystemType(root),
    osLanguage: language?.replace('_', '-'),
  }
}

async function readSystemType(root: string): Promise<'client' | 'server' | undefined> {
  for (const folder of ['etc/systemd/system', 'usr/lib/systemd/system', 'lib/systemd/system']) {
    const target = await readlink(join(root, folder, 'default.target')).catch(() => '')
    if (target !== '') return basename(target) === 'graphical.target' ? 'client' : 'server'
  }
  return undefined
}

/** A machine without a battery is on mains power, whether or not it tells. */
async function readPower(root: string): Promise<boolean> {
  const supplies = await readFolder(join(root, 'sys/class/power_supply'))
  let hasBattery = false
  for (const supply of supplies) {
    const place = `sys/class/power_supply/${supply}`
    const type = await read(root, `${place}/type`)
    if (type !== 'Battery' && (await read(root, `${place}/online`)) === '1') return true
    // The battery of a mouse has the scope "Device".
    if (type === 'Battery' && (await read(root, `${place}/scope`)) !== 'Device') hasBattery = true
  }
  return !hasBattery
}

/** Cards of the machine; bridges and tunnels have no device behind them. */
async function readLinks(root: string): Promise<Pick<ReadinessFacts, 'isConnected' | 'isWired'>> {
  let isConnected = false
  let isWired = false
  for (const name of await readFolder(join(root, 'sys/class/net'))) {
    const entries = await readFolder(join(root, 'sys/class/net', name))
    if (!entries.includes('device') || (await read(root, `sys/class/net/${name}/carrier`)) !== '1') continue
    isConnected = true
    if (!entries.includes('wireless') && !entries.includes('phy80211')) isWired = true
  }
  return { isConnected, isWired }
}

async function readFolder(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => [])
}
