/**
 * The way of one made-up machine, from its firmware to its agent. It starts nothing but the deployment that was named, and that
 * only where a person would have had to choose it; a run ends as failed, so that the site takes no machine for installed.
 */

import type { DeploymentId } from '../../address/identifiers.ts'
import type { Ipv4Address } from '../../address/ipv4-address.ts'
import type { MacAddress } from '../../address/mac-address.ts'
import { messageOf } from '../../caught-error.ts'
import type { HelloAnswer, RunEventBody } from '../../contract/agent.ts'
import { bootScriptPath } from '../../site/boot-paths.ts'
import { filesOfScript } from './boot-script.ts'
import type { Booted, DhcpRelay } from './dhcp-relay.ts'
import { HttpClient } from './http-client.ts'
import { LoadError } from './load-error.ts'
import type { Arrival, LoadRecord, Stage } from './load-record.ts'
import { MadeUpAgent } from './made-up-agent.ts'
import { scriptQuery } from './made-up-machine.ts'
import type { SameContent } from './same-content.ts'
import { fetchByTftp } from './tftp-fetch.ts'

export interface Site {
  /** `http://host:port`, the only one that is asked. */
  readonly url: string
  readonly address: Ipv4Address
  /** Absent: no file is fetched by TFTP. */
  readonly tftpPort: number | undefined
  /** Absent: the API is asked what would be booted. */
  readonly relay: DhcpRelay | undefined
  readonly preview: (machine: MacAddress) => Promise<string | undefined>
  readonly fetchesFiles: boolean
  readonly saysHello: boolean
  /** Available, and named by the administrator. */
  readonly deploymentId: DeploymentId | undefined
  readonly content: SameContent
}

/** So many steps of the run are reported, one report each. */
const stepsMax = 20

/** Never rejects: what went wrong is in the record. */
export async function driveMachine(site: Site, machine: MacAddress, record: LoadRecord): Promise<void> {
  const way = new Way(site, machine, record)
  try {
    record.arrive(await record.timed('whole way', () => way.go()))
  } catch (error) {
    record.fail(way.stage, error instanceof LoadError ? error.message : messageOf(error))
  } finally {
    way.close()
  }
}

class Way {
  readonly #site: Site
  readonly #machine: MacAddress
  readonly #record: LoadRecord
  readonly #http = new HttpClient()
  #leased: Ipv4Address | undefined
  stage: Stage = 'DHCP'

  constructor(site: Site, machine: MacAddress, record: LoadRecord) {
    this.#site = site
    this.#machine = machine
    this.#record = record
  }

  async go(): Promise<Arrival> {
    const { url, address, tftpPort, content, fetchesFiles, saysHello } = this.#site
    const { file, address: leased } = await this.#boot()
    this.#leased = leased
    if (file === undefined) return 'to its disk'
    if (tftpPort !== undefined) {
      const from = { address, port: tftpPort, file }
      await this.#at('TFTP', () => content.check(file, (take) => fetchByTftp(from, take)))
    }
    const script = await this.#at('script', () =>
      this.#http.text(`${url}${bootScriptPath}?${scriptQuery(this.#machine)}`),
    )
    const paths = filesOfScript(script)
    if (paths.length === 0) return 'to its disk'
    if (fetchesFiles) {
      await this.#at('files', async () => {
        for (const path of paths) await content.check(nameOf(path), (take) => this.#http.fetch(`${url}${path}`, take))
      })
    }
    return saysHello ? this.#agent() : 'to its disk'
  }

  close(): void {
    if (this.#leased !== undefined) this.#site.relay?.release(this.#machine, this.#leased)
    this.#http.close()
  }

  async #boot(): Promise<Booted> {
    const { relay, preview } = this.#site
    if (relay !== undefined) return this.#at('DHCP', () => relay.boot(this.#machine))
    return { file: await this.#at('boot decision', () => preview(this.#machine)), address: undefined }
  }

  async #agent(): Promise<Arrival> {
    const { url, deploymentId } = this.#site
    const agent = new MadeUpAgent(url, this.#http, this.#machine)
    const answer = await this.#at('hello', () => agent.sayHello())
    if (deploymentId === undefined) return 'said hello'
    requireChoice(answer, deploymentId)
    await this.#at('run', async () => {
      await agent.startRun(deploymentId)
      for (const events of reports()) await agent.report(events)
    })
    return 'reported a run'
  }

  async #at<Result>(stage: Stage, work: () => Promise<Result>): Promise<Result> {
    this.stage = stage
    return this.#record.timed(stage, work)
  }
}

/** The machine would have to be told to choose: what starts by itself is left alone. */
function requireChoice({ machine }: HelloAnswer, deploymentId: DeploymentId): void {
  if (machine.kind !== 'armed') throw new LoadError(`the machine may not start anything: ${machine.kind}`)
  const { selection } = machine
  if (selection.kind !== 'choose')
    throw new LoadError('something starts by itself on such a machine; it is not started')
  const choice = selection.choices.find((one) => one.deploymentId === deploymentId)
  if (choice?.purpose !== 'available') throw new LoadError(`${deploymentId} is not offered as available`)
}

function* reports(): Generator<readonly RunEventBody[]> {
  yield [{ kind: 'sequence-started' }]
  for (let number = 0; number < stepsMax; number++) {
    const path = [number]
    yield [
      { kind: 'step-started', path, name: `Made up ${number + 1}`, type: 'run-command-line', attempt: 1 },
      { kind: 'step-ended', path, outcome: 'succeeded', exitCode: 0, message: '' },
    ]
  }
  const message = 'a machine that ./reveille load made up'
  yield [{ kind: 'sequence-ended', outcome: { kind: 'failed', path: [], exitCode: 1, message } }]
}

/** Without the lane that the script puts behind it. */
function nameOf(path: string): string {
  return path.split('?')[0] ?? path
}
