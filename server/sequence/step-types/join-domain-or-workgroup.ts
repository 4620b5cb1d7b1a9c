/** Join Domain or Workgroup (S2-014, S2-015), in the installed system. */

import type { ValuesOf } from '../field.ts'
import { flag, text, type TextForm, word } from '../fields.ts'
import { fault, memberOf, type Place } from '../read-document.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'
import { accountCharactersMax, accountName, passwordCharactersMax } from './run-as.ts'

/** It becomes an argument of a program, so it may not look like an option. */
const domainName: TextForm = {
  isGood: (value) => /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(value),
  advice: 'Give a domain such as example.org.',
}

const workgroupName: TextForm = {
  isGood: (value) => !/["/\\[\]:;|=,+*?<>\s]/.test(value),
  advice: 'Give a workgroup without blanks and without " / \\ [ ] : ; | = , + * ? < >.',
}

const organizationalUnit: TextForm = {
  isGood: (value) => /^(?:LDAP:\/\/)?(?:OU|CN)=.+,DC=.+$/i.test(value),
  advice: 'Give a path such as LDAP://OU=Computers,DC=example,DC=org.',
}

const joinType = word('What the computer joins.', ['domain', 'workgroup'], {
  absent: 'domain',
  variable: 'OSDJoinType',
})

const fields = {
  // S2-015: the variable says 0 or 1.
  joinType: {
    ...joinType,
    fromText: (value: string) => ({ '0': 'domain', '1': 'workgroup' })[value.trim()] ?? joinType.fromText(value),
  },
  domainName: text('The domain.', { max: 255, absent: '', form: domainName, variable: 'OSDJoinDomainName' }),
  ouName: text('The organizational unit; a computer that is in the domain already stays where it is.', {
    max: 32_767,
    absent: '',
    form: organizationalUnit,
    variable: 'OSDJoinDomainOUName',
  }),
  account: text('The account that may join computers, such as DOMAIN\\join.', {
    max: accountCharactersMax,
    absent: '',
    form: accountName,
    variable: 'OSDJoinAccount',
  }),
  password: text('Its password.', {
    max: passwordCharactersMax,
    absent: '',
    secret: true,
    variable: 'OSDJoinPassword',
  }),
  workgroupName: text('The workgroup.', {
    max: 32,
    absent: '',
    form: workgroupName,
    variable: 'OSDJoinWorkgroupName',
  }),
  skipRestart: flag(
    'The computer is not restarted; the next restart completes the change.',
    false,
    'OSDJoinSkipReboot',
  ),
}

type Settings = ValuesOf<typeof fields>

export const joinDomainOrWorkgroup = defineStepType({
  type: 'join-domain-or-workgroup',
  title: 'Join Domain or Workgroup',
  about: 'Makes the computer a member of a domain or a workgroup, and restarts it when that changed.',
  category: 'general',
  runsIn: 'installed-system',
  xmlName: 'JoinDomainWorkgroupAction',
  fields,
  together: { settle },
})

export type JoinDomainOrWorkgroup = ActionOf<typeof joinDomainOrWorkgroup>

/** What the other kind would need is not looked at: variables of a collection may set it for other computers. */
function settle(settings: Settings, place: Place): Settings {
  if (settings.joinType === 'workgroup') {
    if (settings.workgroupName === '') {
      fault(memberOf(place, 'workgroupName'), 'missing', 'Give the workgroup, or set joinType to domain.')
    }
    return settings
  }
  if (settings.domainName === '') {
    fault(memberOf(place, 'domainName'), 'missing', 'Give the domain, or set joinType to workgroup.')
  }
  if (settings.account === '') fault(memberOf(place, 'account'), 'missing', 'Give the account that joins the domain.')
  return settings
}
