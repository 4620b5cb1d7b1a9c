/**
 * The words and texts that join a domain or a workgroup: realm(8) of realmd on Linux, PowerShell's Add-Computer on
 * Windows. The password stands in what is read from standard input, never in an argument.
 */

import type { JoinDomainOrWorkgroup } from '../server/sequence/step-types/join-domain-or-workgroup.ts'
import { quoteForPowershell } from './powershell-script.ts'

export interface JoinCommand {
  readonly words: readonly [string, ...string[]]
  readonly input: string
}

/** realm takes the account without its domain, and the unit without `LDAP://`. It reads the password when it is no terminal. */
export function planRealmJoin({ domainName, ouName, account, password }: JoinDomainOrWorkgroup): JoinCommand {
  const unit = ouName === '' ? [] : [`--computer-ou=${distinguishedName(ouName)}`]
  const user = account.slice(account.indexOf('\\') + 1)
  return {
    words: ['realm', 'join', '--verbose', '--unattended', `--user=${user}`, ...unit, '--', domainName],
    input: `${password}\n`,
  }
}

/** Domains that this computer is a member of, of `realm list --name-only`. */
export function parseRealmNames(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line !== '')
}

/** Exit code 3010 when something changed, 0 when the computer was where it should be (S2-014). */
export function planWindowsJoin(action: JoinDomainOrWorkgroup): JoinCommand {
  const readInput = '& ([scriptblock]::Create([Console]::In.ReadToEnd()))'
  const words = ['powershell.exe', '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', readInput] as const
  return { words, input: action.joinType === 'domain' ? printDomainScript(action) : printWorkgroupScript(action) }
}

function printDomainScript({ domainName, ouName, account, password }: JoinDomainOrWorkgroup): string {
  const unit = ouName === '' ? '' : ` -OUPath ${quoteForPowershell(distinguishedName(ouName))}`
  return [
    "$ErrorActionPreference = 'Stop'",
    '$system = Get-CimInstance Win32_ComputerSystem',
    `if ($system.PartOfDomain -and $system.Domain -eq ${quoteForPowershell(domainName)}) { exit 0 }`,
    `$password = ConvertTo-SecureString ${quoteForPowershell(password)} -AsPlainText -Force`,
    `$credential = New-Object System.Management.Automation.PSCredential(${quoteForPowershell(account)}, $password)`,
    `Add-Computer -DomainName ${quoteForPowershell(domainName)} -Credential $credential${unit} -Force`,
    'exit 3010',
    '',
  ].join('\n')
}

function printWorkgroupScript({ workgroupName }: JoinDomainOrWorkgroup): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    '$system = Get-CimInstance Win32_ComputerSystem',
    `if (-not $system.PartOfDomain -and $system.Workgroup -eq ${quoteForPowershell(workgroupName)}) { exit 0 }`,
    `Add-Computer -WorkgroupName ${quoteForPowershell(workgroupName)} -Force`,
    // Only a computer that left a domain has to restart.
    'if ($system.PartOfDomain) { exit 3010 } else { exit 0 }',
    '',
  ].join('\n')
}

function distinguishedName(unit: string): string {
  return unit.replace(/^LDAP:\/\//i, '')
}
