/**
 * Build and capture: a machine gets Debian and something of its own, is made general, restarts into the boot image from its
 * own disk, and sends its image to the site. A second machine is deployed from that image and comes up.
 */

import { join } from 'node:path'
import test from 'ava'
import { openLab } from '../../scripts/lab/lab.ts'
import { deployRequired, readOutput, readSequence } from '../../scripts/lab/site-setup.ts'
import { untilDone } from './until-done.ts'

const reference = '52:54:00:09:00:01'
const second = '52:54:00:09:00:02'

test('S2-062, S2-063, S2-064, S4-009: an image that a machine captured deploys another machine', async (t) => {
  const lab = await openLab({
    name: 'capture',
    network: '10.77.9',
    flags: ['--dhcp', 'full', '--pool', '10.77.9.100-10.77.9.150'],
  })
  t.teardown(() => lab.close())
  const image = await lab.addDebian()
  const built = withCapture(await readSequence('debian', { image }))
  const machines = { bootImageId: lab.bootImageId }
  await deployRequired(lab.server, { ...machines, name: 'reference-1', macAddress: reference, sequence: built })

  // From the disk first: over the network the server would give the boot image, and not the disk itself.
  const disk = (name: string) => ({ file: join(lab.directory, `${name}.disk`), megabytes: 3_072, first: true })
  const one = await lab.startMachine({ name: 'ref', macAddress: reference, firmware: 'bios', disk: disk('ref') })
  const captured = await untilDone(t, lab, { machine: one, macAddress: reference, timeoutMs: 20 * 60_000 })
  t.is(captured.condition, 'succeeded', captured.text)
  await one.stop()
  const { items } = await lab.server.call<{ items: readonly { id: string; name: string; description: string }[] }>(
    'GET',
    '/api/v1/operating-system-images',
  )
  const [made, ...more] = items.filter(({ id }) => id !== image)
  t.deepEqual(more, [])
  t.like(made, { name: 'Reference Debian', description: 'For the lab; version 1.0, created by the test' })

  const sequence = withLook(await readSequence('debian', { image: made?.id ?? '' }))
  await deployRequired(lab.server, { ...machines, name: 'copy-1', macAddress: second, sequence })
  const two = await lab.startMachine({ name: 'copy', macAddress: second, firmware: 'bios', disk: disk('copy') })
  const lane = await untilDone(t, lab, { machine: two, macAddress: second, timeoutMs: 12 * 60_000 })
  t.is(lane.condition, 'succeeded', lane.text)
  const output = await readOutput(lab.server, lane.run?.runId ?? '')
  t.is(output.filter((line) => line.startsWith('REPORT copy-1: Debian GNU/Linux')).length, 1, output.join('\n'))
  t.true(output.includes('LOOK made on reference-1'), output.join('\n'))

  const ids = await Promise.all(
    [captured, lane].map(async ({ run }) => machineIds(await readOutput(lab.server, run?.runId ?? ''))),
  )
  t.is(new Set(ids.flat()).size, 2, 'each machine has an identity of its own')
})

function machineIds(output: readonly string[]): readonly string[] {
  return output.flatMap((line) => /^MACHINE-ID ([0-9a-f]{32})$/.exec(line)?.[1] ?? [])
}

const step = (name: string, action: object) => ({ kind: 'step', name, action })
const command = (name: string, commandLine: string) => step(name, { type: 'run-command-line', commandLine })

const sayId = command('Identity', 'echo "MACHINE-ID $(cat /etc/machine-id)"')

function withCapture(sequence: unknown): unknown {
  const { children, ...rest } = sequence as { children: readonly unknown[] }
  const capture = [
    command('Something of its own', 'echo "made on $(hostname)" >/etc/reference && chmod 600 /etc/reference'),
    sayId,
    step('Prepare Configuration Manager Client', { type: 'prepare-configmgr-client-for-capture' }),
    step('Prepare OS', { type: 'prepare-windows-for-capture' }),
    step('Capture the Reference Machine', {
      type: 'capture-operating-system-image',
      imageName: 'Reference Debian',
      description: 'For the lab',
      version: '1.0',
      creator: 'the test',
    }),
  ]
  const group = { kind: 'group', name: 'Capture the Reference Machine', children: capture }
  return { ...rest, name: 'Build and capture', children: [...children, group] }
}

function withLook(sequence: unknown): unknown {
  const { children, ...rest } = sequence as { children: readonly unknown[] }
  const look = command('Look', 'echo "LOOK $(cat /etc/reference)"; test "$(stat -c %a /etc/reference)" = 600')
  return { ...rest, name: 'Deploy the captured image', children: [...children, look, sayId] }
}
