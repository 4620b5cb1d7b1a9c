/** Accounts of people in a Linux, from passwd(5) and group(5). Passwords are never looked at. Pure. */

export interface LocalAccount {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** The person's name and more. */
  readonly comment: string
  readonly home: string
  readonly shell: string
  /** Names of the further groups. */
  readonly groups: readonly string[]
}

/** Debian's range of `login.defs`: those below belong to the system. */
const uidMin = 1_000
const uidMax = 59_999

export function readLocalAccounts(passwd: string, group: string): readonly LocalAccount[] {
  const groups = group.split('\n').flatMap((line) => {
    const [name = '', , , members = ''] = line.split(':')
    return name === '' ? [] : [{ name, members: members.split(',') }]
  })
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = '', comment = '', home = '', shell = ''] = line.split(':')
    const number = Number(uid)
    if (!isAccountName(name) || uid === '' || !(number >= uidMin && number <= uidMax)) return []
    const of = groups.filter(({ members }) => members.includes(name)).map((one) => one.name)
    return [{ name, uid: number, gid: Number(gid), comment, home, shell, groups: of }]
  })
}

/** It becomes an argument and a part of paths. useradd(8) takes no more. */
export function isAccountName(name: string): boolean {
  return /^[a-z_][a-z0-9_.-]{0,31}$/i.test(name) && !name.includes('..')
}

/** Below the root of the system, or undefined for a folder that cannot be a person's: `/`, or one that climbs. */
export function homeBelow(home: string): string | undefined {
  const names = home.split('/').filter((name) => name !== '' && name !== '.')
  return !home.startsWith('/') || names.length === 0 || names.includes('..') ? undefined : names.join('/')
}
