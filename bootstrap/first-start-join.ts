/**
 * Joining a domain when the applied Linux starts first (S2-072): a unit (systemd.service(5)) that runs realm(8) once, with
 * the password on its standard input, and removes the password, itself and everything else of this whether the domain took
 * the machine or not. Pure.
 */

import type { ApplyNetworkSettings } from '../server/sequence/step-types/apply-network-settings.ts'
import type { TextFile } from './network-files.ts'
import { splitAccount } from './windows-answers.ts'

export const joinUnitName = 'reveille-join-domain.service'
export const joinLinkPath = `etc/systemd/system/multi-user.target.wants/${joinUnitName}`
export const joinPasswordPath = 'var/lib/reveille/join-password'

export function printJoinUnit(action: ApplyNetworkSettings): TextFile {
  const { user } = splitAccount(action.account, action.domainName)
  const unit = action.ouName.replace(/^LDAP:\/\//i, '')
  const words = [
    '/usr/sbin/realm',
    'join',
    '--unattended',
    `--user=${user}`,
    ...(unit === '' ? [] : [`--computer-ou=${unit}`]),
    // A domain cannot be taken for an option.
    '--',
    action.domainName,
  ]
  return {
    path: `etc/systemd/system/${joinUnitName}`,
    text: [
      '[Unit]',
      'Description=Join the domain (Reveille)',
      'Wants=network-online.target',
      'After=network-online.target',
      'Before=reveille-agent.service',
      `ConditionPathExists=/${joinPasswordPath}`,
      '',
      '[Service]',
      'Type=oneshot',
      `StandardInput=file:/${joinPasswordPath}`,
      `ExecStart=${words.map((word) => quoteForUnit(word)).join(' ')}`,
      `ExecStopPost=/bin/rm -f /${joinPasswordPath} /etc/systemd/system/${joinUnitName} /${joinLinkPath}`,
      '',
      '[Install]',
      'WantedBy=multi-user.target',
      '',
    ].join('\n'),
  }
}

/** systemd.service(5), "Command lines", and systemd.syntax(7), "Quoting". */
export function quoteForUnit(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[A-Za-z0-9/_.=:@,%$-]+$/.test(escaped) ? escaped : `"${escaped}"`
}
