/**
 * A small site for end-to-end tests: a bridge as the network, the real server on it, images and sequences in it. Each
 * test takes its own, with its own data, and closes it.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootImageDirectory, operatingSystemArchive, readBuiltBootImage } from '../prepare-images.ts'
import { addBridge, assertPrivateNetwork, removeLink, type Bridge } from './network.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { addBootImage, addOperatingSystemImage } from './site-setup.ts'
import { startVirtualMachine, type VirtualMachine, type VirtualMachineOptions } from './virtual-machine.ts'

export interface Lab {
  readonly bridge: Bridge
  readonly directory: string
  readonly server: ServerProcess
  readonly bootImageId: string
  /** Kills the server (-9) and starts it again on the same data. */
  restartServer(): Promise<void>
  startMachine(options: LabMachine): Promise<VirtualMachine>
  addDebian(): Promise<string>
  close(): Promise<void>
}

/** On the site's network, unless it has none. */
export type LabMachine = Pick<VirtualMachineOptions, 'name' | 'macAddress' | 'firmware'> &
  Partial<VirtualMachineOptions> & { readonly hasNetwork?: false }

export interface LabOptions {
  /** Short: it becomes part of interface names. */
  readonly name: string
  /** First three octets; the server is `.1`. */
  readonly network: string
  readonly flags: readonly string[]
}

export async function openLab({ name, network, flags }: LabOptions): Promise<Lab> {
  await assertPrivateNetwork()
  const directory = await mkdtemp(join(tmpdir(), `reveille-${name}-`))
  const bridge = await addBridge(`rv-${name}`, [`${network}.1/24`])
  const start = async (): Promise<ServerProcess> => {
    const started = await startServer({
      dataDirectory: join(directory, 'data'),
      http: `${network}.1:8080`,
      flags: ['--interface', bridge.name, '--log-level', 'debug', ...flags],
    })
    const [problem] = /.*Another program has it.*/.exec(await started.logged(/is ready|Another program has it/)) ?? []
    if (problem === undefined) return started
    await started.stop()
    throw new Error(`two tests at once want one port: ${problem}`)
  }
  const machines: VirtualMachine[] = []
  let server = await start()
  const bootImageId = await addBootImage(
    server,
    'Boot image for virtual machines',
    await readBuiltBootImage(bootImageDirectory('virtual')),
  )
  return {
    bridge,
    directory,
    bootImageId,
    get server() {
      return server
    },
    async restartServer() {
      await server.kill()
      server = await start()
    },
    async startMachine({ hasNetwork, ...options }) {
      const machine = await startVirtualMachine({ ...(hasNetwork === false ? {} : { bridge }), directory, ...options })
      machines.push(machine)
      return machine
    },
    addDebian: () => addOperatingSystemImage(server, 'Debian', operatingSystemArchive),
    async close() {
      await Promise.all(machines.map((machine) => machine.stop()))
      await server.stop()
      await removeLink(bridge.name)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
