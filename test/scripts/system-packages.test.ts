/** What the project asks of the machine it runs on. Nothing is installed here. */

import test from 'ava'
import { ensureSystemPackages, installedPackages, printIncomplete } from '../../scripts/system-packages.ts'

test('a package counts as installed only when dpkg says so', (t) => {
  const text = 'curl ii \ntshark rc \natftp un \ncpio ii \n'
  t.deepEqual([...installedPackages(text)], ['curl', 'cpio'])
})

test('starting the server needs nothing to be installed', async (t) => {
  t.deepEqual(await ensureSystemPackages('start'), { kind: 'complete', installed: [] })
})

test('without the right to install, the missing packages, what they are for and the command are named', (t) => {
  const text = printIncomplete({
    kind: 'incomplete',
    missing: ['ovmf'],
    command: 'sudo apt-get install --yes --no-install-recommends ovmf',
    consequences: ['without ovmf: no virtual machines with UEFI'],
  })
  t.regex(
    text,
    /without ovmf: no virtual machines with UEFI\n.*sudo apt-get install --yes --no-install-recommends ovmf$/,
  )
})
