/**
 * Builds boot images from Debian packages and starts one in a virtual machine (software emulation), with an agent of
 * a few lines that reports what it finds. Needs the machine's package sources, QEMU, and some minutes.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import type { BuiltBootImage } from '../../media/boot-image/boot-image-options.ts'
import { buildBootImage } from '../../media/boot-image/build-boot-image.ts'

const run = promisify(execFile)
/** A machine without acceleration needs 20 seconds when nothing else runs. */
const bootMsMax = 300_000

const agent = `
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
const shell = (command) => execFileSync('sh', ['-c', command], { encoding: 'utf8' })
console.log('AGENT ' + JSON.stringify({
  node: process.version,
  card: readFileSync('/run/reveille/interface', 'utf8').trim(),
  address: shell('ip -4 -o address show scope global'),
  nameServer: readFileSync('/etc/resolv.conf', 'utf8').trim(),
  disks: shell('lsblk --nodeps --noheadings --output NAME').trim().split('\\n').filter((name) => /^[sv]d/.test(name)).sort(),
  copied: shell('cp -a /usr/lib/reveille /tmp/elsewhere; echo "console.log(process.version)" >/tmp/elsewhere/agent.mjs; /tmp/elsewhere/reveille-agent').trim(),
}))
`

async function build(folder: string, name: string): Promise<BuiltBootImage> {
  const entry = join(folder, 'main.ts')
  await writeFile(entry, agent)
  return buildBootImage({
    architecture: 'x64',
    variant: 'virtual',
    agentEntry: entry,
    outputDirectory: join(folder, `image-${name}`),
    cacheDirectory: join(folder, `cache-${name}`),
    onProgress: () => undefined,
  })
}

test('two builds with nothing in common but their inputs give the same octets, and one of them boots to the agent', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'reveille-boot-image-'))
  try {
    const first = await build(folder, 'first')
    const second = await build(folder, 'second')
    t.deepEqual(first, second)
    for (const { name, sha256 } of first.files) {
      const octets = await readFile(join(folder, 'image-first', name))
      t.is(createHash('sha256').update(octets).digest('hex'), sha256, name)
    }
    t.deepEqual(await build(folder, 'first'), first)

    const report = await bootAndListen(join(folder, 'image-first'))
    t.like(report, {
      node: `v${first.manifest.nodeVersion}`,
      card: 'eth0',
      nameServer: 'nameserver 10.0.2.3',
      disks: ['sda', 'vda'],
      copied: `v${first.manifest.nodeVersion}`,
    })
    t.regex(String(report['address']), /10\.0\.2\.15\/24/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** What the agent said, once the machine has switched itself off. */
async function bootAndListen(image: string): Promise<Record<string, unknown>> {
  const disks = await Promise.all(
    ['virtio', 'ahci'].map(async (name) => {
      const disk = join(image, `${name}.raw`)
      await writeFile(disk, new Uint8Array(1_048_576))
      return disk
    }),
  )
  const words = [
    '-accel tcg -m 768 -nodefaults -display none -serial stdio -no-reboot',
    `-kernel ${join(image, 'vmlinuz')} -initrd ${join(image, 'initrd.img')}`,
    '-netdev user,id=net -device virtio-net-pci,netdev=net,mac=52:54:00:aa:bb:cc',
    `-drive file=${disks[0]},format=raw,if=virtio -device ahci,id=ahci`,
    `-drive file=${disks[1]},format=raw,if=none,id=disk -device ide-hd,drive=disk,bus=ahci.0`,
  ].flatMap((line) => line.split(' '))
  words.push('-append', 'console=tty0 console=ttyS0,115200 BOOTIF=01-52-54-00-AA-BB-CC')
  const { stdout } = await run('qemu-system-x86_64', words, { timeout: bootMsMax, maxBuffer: 16_777_216 })
  const said = /^AGENT (\{.*\})/m.exec(stdout)?.[1]
  if (said === undefined) throw new Error(`the agent said nothing; the screen shows:\n${stdout.slice(-4_000)}`)
  return JSON.parse(said)
}
