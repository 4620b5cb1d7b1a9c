/**
 * What PowerShell is given for a Run PowerShell Script step, as text (S2-010, S2-011). Parameters are PowerShell's own
 * words and may hold secrets, so the call stands on standard input and in no argument of a process (A08). The execution
 * policy is for files: it holds for the script that is called, and not for the call.
 */

import type { RunPowershellScript } from '../server/sequence/step-types/run-powershell-script.ts'

/** `$LASTEXITCODE` is what the script said with `exit`; a script that throws ends PowerShell with 1. */
export function printScriptCall(scriptFile: string, parameters: string): string {
  const call = `& ${quoteForPowershell(scriptFile)} ${parameters}`.trimEnd()
  return `$global:LASTEXITCODE = 0\n${call}\nexit $global:LASTEXITCODE\n`
}

/** With the byte order mark: without it Windows PowerShell reads the file in the machine's old character set. */
export function printScriptFile(code: string): string {
  return `\uFEFF${code}\n`
}

const policies = { 'all-signed': 'AllSigned', undefined: 'Undefined', bypass: 'Bypass' } as const

export function powershellArguments(policy: RunPowershellScript['executionPolicy']): readonly string[] {
  const readCall = '& ([scriptblock]::Create([Console]::In.ReadToEnd()))'
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', policies[policy], '-Command', readCall]
}

/** A text that means itself. Curly single quotes end one of PowerShell too. */
export function quoteForPowershell(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201B]/g, '$&$&')}'`
}
