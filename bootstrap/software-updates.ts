/**
 * How the package managers of Linux bring a system up to date (S2-038), as words: apt-get(8), dnf(8), zypper(8). Nothing
 * is asked, configuration files that somebody changed stay as they are, and no package is removed to make room for another.
 */

import type { InstallSoftwareUpdates } from '../server/sequence/step-types/install-software-updates.ts'

export const packageManagers = ['apt-get', 'dnf', 'zypper'] as const
export type PackageManager = (typeof packageManagers)[number]
export type UpdateTarget = InstallSoftwareUpdates['target']
export type Words = readonly [string, ...string[]]

/** needrestart of Ubuntu would ask which services to restart. */
export const quietEnvironment = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' } as const

const apt: Words = [
  'apt-get',
  '-q',
  '-y',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
  // A system that has just started is often busy with its own updates.
  '-o',
  'DPkg::Lock::Timeout=600',
]

/** Fetches the lists of what there is. */
export const scanWords: Readonly<Record<PackageManager, Words>> = {
  // Without the option a source that cannot be reached is a warning, and the step would find nothing to do.
  'apt-get': [...apt, '-o', 'APT::Update::Error-Mode=any', 'update'],
  dnf: ['dnf', '-y', 'makecache', '--refresh'],
  zypper: ['zypper', '--non-interactive', 'refresh'],
}

/** `security` are those that `parseSecurityUpdates` found; only apt needs them one by one. */
export function updateWords(manager: PackageManager, target: UpdateTarget, security: readonly string[] = []): Words {
  const isAll = target === 'all'
  switch (manager) {
    case 'apt-get':
      return isAll
        ? [...apt, '--with-new-pkgs', 'upgrade']
        : [...apt, '--no-remove', 'install', '--only-upgrade', ...security]
    case 'dnf':
      return isAll ? ['dnf', '-y', 'upgrade'] : ['dnf', '-y', 'upgrade', '--security']
    case 'zypper':
      return isAll
        ? ['zypper', '--non-interactive', 'update']
        : ['zypper', '--non-interactive', 'patch', '--category', 'security']
    default:
      return manager satisfies never
  }
}

/** Asks apt what an upgrade would do. */
export const simulationWords: Words = ['apt-get', '-s', '--with-new-pkgs', 'upgrade']

/**
 * `Inst libc6 [2.36-9] (2.36-9+deb12u4 Debian-Security:12/stable-security [amd64])`: packages whose new version comes from
 * a suite for security, as Debian and Ubuntu name it, with that version. New packages without an old version follow by
 * themselves.
 */
export function parseSecurityUpdates(simulation: string): readonly string[] {
  return simulation.split('\n').flatMap((line) => {
    const [, name, version, sources = ''] = /^Inst (\S+) \[[^\]]*\] \((\S+) ([^[]*)/.exec(line) ?? []
    const isSecurity = name !== undefined && /[/-]security\b/i.test(sources)
    return isSecurity ? [`${name}=${version}`] : []
  })
}

/** zypper(8), EXIT CODES: what is no failure. */
export const zypperExitCodes = { restartNeeded: 102, runAgain: 103 } as const
