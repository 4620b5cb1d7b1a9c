/**
 * Run PowerShell Script. PowerShell itself is not part of the test machine: `pwsh` is a stand-in here that prints how it
 * was called, so what PowerShell makes of the call is not proven; the call is.
 */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import test from 'ava'
import { powershellArguments, printScriptCall, printScriptFile } from '../../../bootstrap/powershell-script.ts'
import { runPowershellScript } from '../../../bootstrap/steps/run-powershell-script.ts'
import type { RunPowershellScript } from '../../../server/sequence/step-types/run-powershell-script.ts'
import { makeContent, serveContent } from '../content-server.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

const action: RunPowershellScript = {
  type: 'run-powershell-script',
  scriptName: '',
  script: '',
  parameters: '',
  executionPolicy: 'bypass',
  workingDirectory: '',
  successCodes: [0],
  runAsUser: false,
}

const standIn = `#!/bin/sh
printf 'argument %s\\n' "$@"
call=$(cat)
printf '%s\\n' "$call"
cat "$(printf '%s' "$call" | sed -n "s/^& '\\([^']*\\)'.*/\\1/p")"
pwd
exit 3
`

/** Only one test at a time changes the path. */
function withPwsh(folder: string): () => void {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'pwsh'), standIn)
  chmodSync(join(bin, 'pwsh'), 0o755)
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${bin}${delimiter}${before}`
  return () => {
    process.env['PATH'] = before
  }
}

test.serial('without PowerShell there is one clear error', async (t) => {
  const context = makeContext(makeFolder(t))
  await t.throwsAsync(runPowershellScript({ ...action, script: 'Get-Date' }, context), {
    message: 'the boot image has no PowerShell (pwsh): install it, or use Run Command Line',
  })
})

test.serial('S2-010, S2-012: code of the step, its parameters, exit code and output', async (t) => {
  const folder = makeFolder(t)
  t.teardown(withPwsh(folder))
  const context = makeContext(folder)
  const inline = { ...action, script: '1..3 | %{ $_ }', parameters: "-Name 'a b' -Pin 7777", outputVariable: 'Out' }
  const result = await runPowershellScript(inline, context)
  t.is(result.exitCode, 3)
  t.regex(result.message, /^The command ended with exit code 3/)
  const output = result.variables[0]?.value ?? ''
  t.regex(output, /^& '[^']*script\.ps1' -Name 'a b' -Pin 7777$/m)
  // In memory, because the code may hold a secret.
  t.true(output.includes(`& '${context.scratchFolder}/`))
  t.regex(output, /^\uFEFF1\.\.3 \| %\{ \$_ \}$/m)
  t.notRegex(output, /argument .*7777/)
  t.deepEqual(context.lines[0], 'log code of the step (parameters not shown)')
})

test.serial('S2-010, S2-013: a script of a package, its parameters in the log', async (t) => {
  const folder = makeFolder(t)
  t.teardown(withPwsh(folder))
  const tree = { 'ps/a.ps1': { text: 'Get-Date' } }
  const { download } = await serveContent(t, { RVL00001: tree })
  const context = makeContext(folder, { content: [makeContent('RVL00001', tree)], download })
  context.set.set('OSDLogPowerShellParameters', 'TRUE')
  const packaged = { ...action, packageId: 'RVL00001', scriptName: 'ps\\a.ps1', parameters: '-Verbose' }
  const result = await runPowershellScript({ ...packaged, successCodes: [3], outputVariable: 'Out' }, context)
  t.is(result.message, '')
  t.true(result.variables[0]?.value.endsWith(join(folder, 'scratch/packages/RVL00001.1')))
  t.is(context.lines[0], 'log ps\\a.ps1 -Verbose')
  await t.throwsAsync(runPowershellScript({ ...packaged, scriptName: 'b.ps1' }, context), {
    message: 'the package RVL00001 has no script b.ps1',
  })
})

test('S2-012: in the boot image a script with an account fails', async (t) => {
  const context = makeContext(makeFolder(t))
  const script = { ...action, script: 'x', runAsUser: true, userName: 'daemon' }
  await t.throwsAsync(runPowershellScript(script, context), { message: /boot image has no accounts/ })
})

test('S2-010: a call quotes the name of the script', (t) => {
  t.is(
    printScriptCall("C:\\it's\\a\u2019.ps1", '-A 1'),
    "$global:LASTEXITCODE = 0\n& 'C:\\it''s\\a\u2019\u2019.ps1' -A 1\nexit $global:LASTEXITCODE\n",
  )
})

test('S2-011: policies in the words of PowerShell, and files that are Unicode for certain', (t) => {
  t.true(powershellArguments('all-signed').join(' ').includes('-ExecutionPolicy AllSigned -Command'))
  t.is(printScriptFile('ä').charCodeAt(0), 0xfeff)
})
