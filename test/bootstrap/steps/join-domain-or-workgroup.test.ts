/**
 * Join Domain or Workgroup. There is no domain here: `realm` is a stand-in that notes how it was called, and what goes to
 * Windows is proven as text.
 */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { planWindowsJoin } from '../../../bootstrap/join-domain.ts'
import { joinDomainOrWorkgroup } from '../../../bootstrap/steps/join-domain-or-workgroup.ts'
import type { JoinDomainOrWorkgroup } from '../../../server/sequence/step-types/join-domain-or-workgroup.ts'
import { makeContext, makeFolder } from '../loop-disk.ts'

const action: JoinDomainOrWorkgroup = {
  type: 'join-domain-or-workgroup',
  joinType: 'domain',
  domainName: 'example.org',
  ouName: 'LDAP://OU=Computers,DC=example,DC=org',
  account: 'EXAMPLE\\join',
  password: "sword'fish",
  workgroupName: '',
  skipRestart: false,
}

/** The path is the process's own, so only one test at a time changes it. */
function withRealm(t: ExecutionContext, folder: string, members: string): () => string {
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls')
  mkdirSync(bin)
  writeFileSync(join(folder, 'members'), members)
  const program = `#!/bin/sh
if [ "$1" = list ]; then cat ${folder}/members; exit; fi
printf 'argument %s\\n' "$@" >> ${calls}
printf 'input %s\\n' "$(cat)" >> ${calls}
if [ -e ${folder}/refuses ]; then echo 'realm: Not authorized to perform this action' >&2; exit 1; fi
`
  writeFileSync(join(bin, 'realm'), program)
  chmodSync(join(bin, 'realm'), 0o755)
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${bin}${delimiter}${before}`
  t.teardown(() => {
    process.env['PATH'] = before
  })
  return () => readFileSync(calls, 'utf8')
}

test.serial(
  'S2-014: a domain is joined with its unit, the password on standard input, and a restart follows',
  async (t) => {
    const folder = makeFolder(t)
    const calls = withRealm(t, folder, '')
    const context = makeContext(folder, { where: 'installed-system' })
    t.is((await joinDomainOrWorkgroup(action, context)).exitCode, 3_010)
    t.is(
      calls(),
      "argument join\nargument --verbose\nargument --unattended\nargument --user=join\nargument --computer-ou=OU=Computers,DC=example,DC=org\nargument --\nargument example.org\ninput sword'fish\n",
    )
    t.is((await joinDomainOrWorkgroup({ ...action, skipRestart: true }, context)).exitCode, 0)
  },
)

test.serial('S2-014: a member stays as it is, without a restart', async (t) => {
  const folder = makeFolder(t)
  withRealm(t, folder, 'Example.org\n')
  t.is((await joinDomainOrWorkgroup(action, makeContext(folder))).exitCode, 0)
})

test.serial('a member of another domain has to leave it first', async (t) => {
  const folder = makeFolder(t)
  withRealm(t, folder, 'other.org\n')
  await t.throwsAsync(joinDomainOrWorkgroup(action, makeContext(folder)), {
    message: /is a member of other\.org: let it leave/,
  })
})

test.serial('what realm says is why the step fails', async (t) => {
  const folder = makeFolder(t)
  withRealm(t, folder, '')
  writeFileSync(join(folder, 'refuses'), '')
  await t.throwsAsync(joinDomainOrWorkgroup(action, makeContext(folder)), {
    message: 'joining example.org failed: realm: Not authorized to perform this action',
  })
})

test.serial('without realmd there is one clear error', async (t) => {
  const folder = makeFolder(t)
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = folder
  t.teardown(() => {
    process.env['PATH'] = before
  })
  await t.throwsAsync(joinDomainOrWorkgroup(action, makeContext(folder)), {
    message: /install realmd before this step/,
  })
})

test('a workgroup is a thing of Windows', async (t) => {
  const workgroup = { ...action, joinType: 'workgroup', workgroupName: 'LAB' } as const
  await t.throwsAsync(joinDomainOrWorkgroup(workgroup, makeContext(makeFolder(t))), {
    message: /workgroups are a thing of Windows/,
  })
})

test('S2-014, S2-015: what Windows is given', (t) => {
  const { words, input } = planWindowsJoin(action)
  t.false(words.join(' ').includes('sword'))
  t.is(
    input,
    `$ErrorActionPreference = 'Stop'
$system = Get-CimInstance Win32_ComputerSystem
if ($system.PartOfDomain -and $system.Domain -eq 'example.org') { exit 0 }
$password = ConvertTo-SecureString 'sword''fish' -AsPlainText -Force
$credential = New-Object System.Management.Automation.PSCredential('EXAMPLE\\join', $password)
Add-Computer -DomainName 'example.org' -Credential $credential -OUPath 'OU=Computers,DC=example,DC=org' -Force
exit 3010
`,
  )
  const workgroup = planWindowsJoin({ ...action, joinType: 'workgroup', workgroupName: 'LAB' })
  t.is(
    workgroup.input,
    `$ErrorActionPreference = 'Stop'
$system = Get-CimInstance Win32_ComputerSystem
if (-not $system.PartOfDomain -and $system.Workgroup -eq 'LAB') { exit 0 }
Add-Computer -WorkgroupName 'LAB' -Force
if ($system.PartOfDomain) { exit 3010 } else { exit 0 }
`,
  )
})
