/** What goes onto a medium, what is refused, and the menu that starts it. */

import { spawnSync } from 'node:child_process'
import test from 'ava'
import * as fc from 'fast-check'
import { printBootMenu } from '../../../media/medium/boot-menu.ts'
import { guidOf, volumeLabel } from '../../../media/medium/medium-names.ts'
import { planMedium } from '../../../media/medium/plan-medium.ts'
import { bootImageFiles } from '../../../server/site/boot-image.ts'
import { contentOf, openLibrary, siteKey, specOf, testMediumId } from '../../support/built-medium.ts'
import { mediumIdOf } from '../../support/signed-medium.ts'

test('a boot image that media cannot start is refused, with what to do', (t) => {
  const library = openLibrary(t)
  const spec = specOf({ library })
  const withOnly = (...names: string[]) => ({
    ...spec,
    bootFiles: spec.bootFiles.filter(({ name }) => names.includes(name)),
  })
  const faultsOf = (each: typeof spec): readonly string[] => {
    const planned = planMedium(each)
    return planned.kind === 'refused' ? planned.faults : []
  }
  t.regex(faultsOf(withOnly('vmlinuz')).join('\n'), /RVL00001, version 3, has no Linux kernel and initramfs/)
  t.regex(
    faultsOf(withOnly(bootImageFiles.kernel, bootImageFiles.initramfs)).join('\n'),
    /RVL00001, version 3, has no loaders for media\. Build it anew/,
  )
  t.deepEqual(faultsOf(spec), [])
})

test('S7-014: a file larger than a disc, and a boot image larger than one, are refused', (t) => {
  const library = openLibrary(t)
  const file = library.add('large', Buffer.from('large'))
  const contents = [contentOf('RVL00002', 'Large', [{ ...file, bytes: 700 * 1024 * 1024 }])]
  const tooLarge = planMedium(specOf({ library, contents, volumeBytesMax: 650 * 1024 * 1024 }))
  t.is(tooLarge.kind, 'refused')
  if (tooLarge.kind === 'refused')
    t.regex(tooLarge.faults.join('\n'), /“large” of Large \(RVL00002\) has 734003200 octets/)
  const noRoom = planMedium(specOf({ library, volumeBytesMax: 4 * 1024 * 1024 }))
  t.is(noRoom.kind, 'refused')
})

test('S7-016: the first 11 characters of a label name a stick, whatever they are', (t) => {
  t.is(volumeLabel('Reveille', 11), 'REVEILLE')
  t.is(volumeLabel('Büro Süd: Notebooks', 11), 'B_RO S_D_ N')
  t.is(volumeLabel('   ', 11), 'REVEILLE')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (label) => {
      t.regex(volumeLabel(label, 11), /^[A-Z0-9_](?:[A-Z0-9_ ]{0,9}[A-Z0-9_])?$/)
      t.regex(volumeLabel(label, 32), /^[A-Z0-9_](?:[A-Z0-9_ ]{0,30}[A-Z0-9_])?$/)
    }),
  )
})

test('no label and no argument of the kernel can become a command of the menu', (t) => {
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
  fc.assert(
    fc.property(
      text,
      fc.array(
        text.filter((word) => !/\s/.test(word) && word !== ''),
        { maxLength: 3 },
      ),
      (label, words) => {
        const menu = printBootMenu({ mediumId: testMediumId, label, siteKey, kernelArguments: words })
        const plain = printBootMenu({ mediumId: testMediumId, label: 'x', siteKey, kernelArguments: [] })
        t.is(menu.split('\n').length, plain.split('\n').length)
        for (const title of menu.matchAll(/^menuentry '([^']*)' \{$/gm)) t.regex(title[1] ?? '', /^[A-Za-z0-9 ._,-]*$/)
        t.is([...menu.matchAll(/^menuentry /gm)].length, 3)
      },
    ),
  )
})

test('the menu is a script that GRUB understands, whatever label and arguments are', async (t) => {
  const label = "Büro 'Süd' $(reboot) {"
  const menu = printBootMenu({ mediumId: testMediumId, label, siteKey, kernelArguments: ["a='b c'", 'quiet'] })
  const check = spawnSync('grub-script-check', { input: menu, encoding: 'utf8' })
  t.is(check.status, 0, `${check.error?.message ?? ''}${check.stderr}`)
  t.not(spawnSync('grub-script-check', { input: 'if a || b; then c', encoding: 'utf8' }).status, 0)
})

test('identifiers of a medium are its own', (t) => {
  t.regex(guidOf(testMediumId, 'disk'), /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[0-9A-F]{4}-[0-9A-F]{12}$/)
  t.not(guidOf(testMediumId, 'disk'), guidOf(mediumIdOf('ab'.repeat(16)), 'disk'))
  t.not(guidOf(testMediumId, 'disk'), guidOf(testMediumId, 'efi partition'))
})
