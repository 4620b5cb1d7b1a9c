/** Join Domain or Workgroup as a document. */

import test from 'ava'
import { defaultsOf, faultsOf, resolvesTo } from '../../support/action-macros.ts'

const type = 'join-domain-or-workgroup'
const domain = { type, domainName: 'example.org', account: 'EXAMPLE\\join' }

test('S2-015: a domain', defaultsOf, domain, {
  joinType: 'domain',
  ouName: '',
  password: '',
  workgroupName: '',
  skipRestart: false,
})
test('S2-014: a domain needs a name and an account', faultsOf, { type }, 'domainName missing', 'account missing')
test('S2-014: a workgroup needs a name', faultsOf, { type, joinType: 'workgroup' }, 'workgroupName missing')
test(
  'S2-015: lengths',
  faultsOf,
  { ...domain, domainName: 'x'.repeat(256), ouName: `OU=${'x'.repeat(32_767)},DC=org`, workgroupName: 'x'.repeat(33) },
  'domainName too-long',
  'ouName too-long',
  'workgroupName too-long',
)
test(
  'S2-015: a domain that looks like an option',
  faultsOf,
  { ...domain, domainName: '--help' },
  'domainName bad-characters',
)
test('S2-014: an organizational unit is a path', faultsOf, { ...domain, ouName: 'Computers' }, 'ouName bad-characters')
test(
  'S2-015: OSDJoinType is 0 or 1',
  resolvesTo,
  domain,
  { OSDJoinType: '1', OSDJoinWorkgroupName: 'LAB', OSDJoinSkipReboot: 'true' },
  { joinType: 'workgroup', workgroupName: 'LAB', skipRestart: true },
)
test(
  'S2-015: variables for the other kind harm nobody',
  resolvesTo,
  domain,
  { OSDJoinType: '0', OSDJoinWorkgroupName: 'LAB', OSDJoinAccount: 'OTHER\\join', OSDJoinPassword: 'swordfish' },
  { joinType: 'domain', account: 'OTHER\\join', password: 'swordfish' },
)
