/**
 * Whose folders are captured (S2-050): those of the accounts that the system itself has. Everybody else who could be meant
 * is said in the log, or fails the step where nobody can have wanted it, because a new system is about to replace this one.
 */

import { volumePlaces } from './fstab.ts'
import { homeBelow, type LocalAccount, readLocalAccounts } from './local-accounts.ts'
import { resolveInside } from './resolve-inside.ts'
import { type StepContext, StepFailed } from './step-context.ts'
import { hasTargetFile, listTargetFolder, readTargetFile } from './target-files.ts'

/**
 * From the boot image the folder of a person may be out of reach: on a volume that is not mounted, or behind a link that
 * leads somewhere else from here. It would look like one that is not there, and then be lost.
 */
export async function requireReachableHomes(root: string): Promise<void> {
  const places = volumePlaces(await readTargetFile(root, 'etc/fstab'))
  for (const { name, home } of await readAccounts(root)) {
    const path = homeBelow(home)
    if (path === undefined) continue
    const place = places.find((each) => path === each || path.startsWith(`${each}/`))
    const isElsewhere = !(await hasTargetFile(root, path)) && (await resolveInside(root, path)) !== undefined
    const why = place !== undefined ? `/${place} is a volume of its own` : isElsewhere ? 'a link leads to it' : ''
    if (why === '') continue
    throw new StepFailed(
      `the folder ${home} of ${name} cannot be captured from the boot image, because ${why}: capture in the running system`,
    )
  }
}

/** Those whose folder is there. */
export async function findCapturedAccounts(root: string, context: StepContext): Promise<readonly LocalAccount[]> {
  const found: LocalAccount[] = []
  for (const account of await readAccounts(root)) {
    const home = homeBelow(account.home)
    if (home !== undefined && (await hasTargetFile(root, home))) found.push(account)
    else context.output('log', `${account.name} has no folder ${account.home}, and is left out`)
  }
  await sayWhoIsLeftOut(root, found, context)
  return found
}

/** People of a directory have folders here, and no account in the system's own files. */
async function sayWhoIsLeftOut(root: string, found: readonly LocalAccount[], context: StepContext): Promise<void> {
  const homes = new Set(found.map(({ home }) => homeBelow(home)))
  for (const name of await listTargetFolder(root, 'home')) {
    if (name !== 'lost+found' && !homes.has(`home/${name}`))
      context.output('log', `/home/${name} is the folder of no account of this system, and is left out`)
  }
}

async function readAccounts(root: string): Promise<readonly LocalAccount[]> {
  return readLocalAccounts(await readTargetFile(root, 'etc/passwd'), await readTargetFile(root, 'etc/group'))
}
