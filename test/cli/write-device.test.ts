/** Writing to real block devices: loop devices, whose rules are those of any disk without a serial number. Needs root. */

import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { verifyPath } from '../../server/cli/media-verify-command.ts'
import { writeToDevice } from '../../server/cli/write-device.ts'
import { CliError } from '../../server/cli/cli-error.ts'
import { layOutMbrDisk } from '../../media/disk/lay-out-disk.ts'
import { makeSigningKey } from '../../media/signed/site-key.ts'
import { makeFolder, makeLoopDisk } from '../bootstrap/loop-disk.ts'
import { fatOf } from '../support/fat-judges.ts'
import { writeImage } from '../support/media-trees.ts'
import { entriesOfMedium, makeSmallMedium, smallMediumMadeMs } from '../support/small-medium.ts'

const mebibyte = 1024 * 1024
const eraseWordOf = (bytes: number) => `unknown-${bytes}`

function mediumOf(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 9)) & 0xff))
}

/** In pieces that are not those of the writer. */
function reading(octets: Uint8Array): (from: number, to: number) => AsyncIterable<Uint8Array> {
  return async function* (from, to) {
    for (let at = from; at < to; at += 700_001) yield octets.subarray(at, Math.min(at + 700_001, to))
  }
}

test.serial('a medium is on the disk octet by octet, the rest of which stays, and it was read again', async (t) => {
  const bytes = 12 * mebibyte
  const { disk, folder } = makeLoopDisk(t, bytes)
  const medium = mediumOf(9 * mebibyte + 512)
  const link = join(folder, 'by-id')
  symlinkSync(disk.device, link)
  const phases = new Map<string, number>()
  const written = await writeToDevice({
    path: link,
    yesErase: eraseWordOf(bytes),
    length: medium.length,
    read: reading(medium),
    onProgress: (phase, octets) => phases.set(phase, octets),
  })
  t.is(written.sha256, createHash('sha256').update(medium).digest('hex'))
  t.deepEqual(Object.fromEntries(phases), { written: medium.length, verified: medium.length })
  const found = readFileSync(join(folder, 'disk.img'))
  t.is(found.length, bytes)
  t.true(found.subarray(0, medium.length).equals(medium))
  t.true(found.subarray(medium.length).equals(Buffer.alloc(bytes - medium.length)))
})

test.serial(
  'nothing is written without the word, to a file, to a partition, or to a disk that is too small',
  async (t) => {
    const bytes = 4 * mebibyte
    const { disk, folder } = makeLoopDisk(t, bytes)
    const read = reading(mediumOf(mebibyte))
    const wanted = { path: disk.device, length: mebibyte, read }
    const refusal = async (changes: object, message: RegExp) =>
      t.throwsAsync(writeToDevice({ ...wanted, ...changes }), { instanceOf: CliError, message })
    await refusal({}, /--yes-erase 'unknown-4194304'$/)
    await refusal({ yesErase: 'unknown-4194305' }, /it is not the disk unknown-4194305/)
    await refusal({ yesErase: eraseWordOf(bytes), length: bytes + 512 }, /too small/)
    await refusal({ path: join(folder, 'disk.img') }, /is no disk/)
    await refusal({ path: join(folder, 'nothing') }, /ENOENT/)
    await refusal({ path: '/dev/null' }, /is no disk/)
    execFileSync('sfdisk', ['--quiet', disk.device], { input: 'label: dos\nstart=2048, type=c\n' })
    execFileSync('partx', ['--update', disk.device])
    await refusal(
      { path: `${disk.device}p1`, yesErase: eraseWordOf(bytes) },
      /is a partition.*name the whole disk, \/dev\/loop/,
    )
  },
)

test.serial(
  'a disk that is mounted, or whose partition is, is refused, and the kernel refuses it where the lists do not show it',
  async (t) => {
    const bytes = 4 * mebibyte
    const { disk, folder } = makeLoopDisk(t, bytes)
    const yesErase = eraseWordOf(bytes)
    execFileSync('mkfs.ext4', ['-q', disk.device], { stdio: 'ignore' })
    const place = join(folder, 'mounted')
    mkdirSync(place)
    execFileSync('mount', [disk.device, place])
    const before = readFileSync(join(folder, 'disk.img'))
    const wanted = { path: disk.device, yesErase, length: mebibyte, read: reading(mediumOf(mebibyte)) }
    try {
      await t.throwsAsync(writeToDevice(wanted), { message: /is mounted on .*mounted\. Unmount it/ })
      // Another machine's lists, as a container may have them: they know of no mount.
      const root = makeFolder(t)
      const place = `sys/block/${disk.name}`
      mkdirSync(join(root, place), { recursive: true })
      mkdirSync(join(root, 'sys/dev/block'), { recursive: true })
      for (const file of ['dev', 'size', 'ro', 'diskseq']) {
        writeFileSync(join(root, place, file), readFileSync(join('/', place, file)))
      }
      const device = readFileSync(join('/', place, 'dev'), 'utf8').trim()
      symlinkSync(`../../block/${disk.name}`, join(root, 'sys/dev/block', device))
      await t.throwsAsync(writeToDevice({ ...wanted, root }), { message: /somebody works with it/ })
      t.true(readFileSync(join(folder, 'disk.img')).equals(before))
    } finally {
      execFileSync('umount', [place])
    }
  },
)

test.serial(
  'a medium that ends too early or goes on too long is a fault, and one that cannot be read says why',
  async (t) => {
    const bytes = 4 * mebibyte
    const { disk } = makeLoopDisk(t, bytes)
    const wanted = { path: disk.device, yesErase: eraseWordOf(bytes), length: 2 * mebibyte }
    const short = mediumOf(mebibyte)
    await t.throwsAsync(writeToDevice({ ...wanted, read: () => reading(short)(0, short.length) }), {
      message: /ended after 1048576 of 2097152 octets/,
    })
    const long = mediumOf(3 * mebibyte)
    await t.throwsAsync(writeToDevice({ ...wanted, read: () => reading(long)(0, long.length) }), {
      message: /more than its 2097152 octets/,
    })
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield short
      throw new CliError('the site does not answer')
    }
    await t.throwsAsync(writeToDevice({ ...wanted, read: broken }), { message: 'the site does not answer' })
  },
)

test.serial('a write-protected disk is refused', async (t) => {
  const bytes = 4 * mebibyte
  const { disk } = makeLoopDisk(t, bytes)
  execFileSync('blockdev', ['--setro', disk.device])
  // It would be so for whoever has this loop device next.
  t.teardown(() => execFileSync('blockdev', ['--setrw', disk.device]))
  const read = reading(mediumOf(mebibyte))
  const wanted = { path: disk.device, yesErase: eraseWordOf(bytes), length: mebibyte, read }
  await t.throwsAsync(writeToDevice(wanted), { message: /write-protected/ })
})

test.serial('a disk that loses what was written to it is found out', async (t) => {
  const bytes = 8 * mebibyte
  const { disk, folder } = makeLoopDisk(t, bytes)
  const medium = mediumOf(5 * mebibyte)
  let spoiled = false
  await t.throwsAsync(
    writeToDevice({
      path: disk.device,
      yesErase: eraseWordOf(bytes),
      length: medium.length,
      read: reading(medium),
      onProgress: (phase, octets) => {
        // The first piece is right; behind the kernel's back the second one becomes another.
        if (phase !== 'verified' || octets !== 4 * mebibyte || spoiled) return
        spoiled = true
        execFileSync(
          'dd',
          ['if=/dev/zero', `of=${join(folder, 'disk.img')}`, 'bs=1M', 'seek=4', 'count=1', 'conv=notrunc'],
          {
            stdio: 'ignore',
          },
        )
        execFileSync('blockdev', ['--flushbufs', disk.device])
      },
    }),
    { message: /does not hold what was written to it: octets 4194304 to 5242880 are others/ },
  )
  t.true(spoiled)
})

test.serial('A07 a medium that was written to a disk is verified there, and one altered bit is found', async (t) => {
  const bytes = 48 * mebibyte
  const { disk, folder } = makeLoopDisk(t, bytes)
  const medium = await makeSmallMedium({ signingKey: makeSigningKey() })
  const { layout: content } = fatOf({ entries: entriesOfMedium(medium), bytes: 40e6 })
  const layout = layOutMbrDisk({ signature: 1, partitions: [{ type: 0x0c, isActive: true, content }] })
  const image = readFileSync(await writeImage(layout, folder))
  const wanted = { path: disk.device, yesErase: eraseWordOf(bytes), length: image.length }
  await writeToDevice({ ...wanted, read: reading(image) })
  const asked = { siteKey: medium.siteKey, nowMs: smallMediumMadeMs }
  t.deepEqual((await verifyPath(disk.device, asked)).faults, [])
  const kernel = Buffer.from(medium.files.get('boot/vmlinuz') ?? [])
  const at = image.indexOf(kernel)
  t.true(at > 0)
  image[at + 100] = (image[at + 100] ?? 0) ^ 1
  await writeToDevice({ ...wanted, read: reading(image) })
  t.deepEqual((await verifyPath(disk.device, asked)).faults, ['boot/vmlinuz was altered'])
})
