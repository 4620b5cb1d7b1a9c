/**
 * Machines whose run goes on in the boot image, kept beside the remembered facts (boot-facts-cache.ts): it changes while runs
 * go on, and nobody edits anything. Read once, then told by the same changes that watchers are told, after they are stored.
 */

import type { Kysely } from 'kysely'
import type { DeploymentId } from '../../address/identifiers.ts'
import type { MacAddress } from '../../address/mac-address.ts'
import { runInBootImage } from '../../contract/run-in-boot-image.ts'
import type { ProgressChange } from '../ports.ts'
import { readLanes } from '../rows/run-rows.ts'
import type { Schema } from '../schema.ts'

type Changed = Pick<ProgressChange, 'lanes' | 'forgotten'>

export class RunsInBootImage {
  readonly #deployments = new Map<MacAddress, DeploymentId>()

  static async read(db: Kysely<Schema>): Promise<RunsInBootImage> {
    const runs = new RunsInBootImage()
    runs.learn({ lanes: await readLanes(db), forgotten: [] })
    return runs
  }

  learn({ lanes, forgotten }: Changed): void {
    for (const { id } of forgotten) this.#deployments.delete(id)
    for (const { lane } of lanes) {
      const deploymentId = runInBootImage(lane)
      if (deploymentId === undefined) this.#deployments.delete(lane.id)
      else this.#deployments.set(lane.id, deploymentId)
    }
  }

  /** Of the machine that has this address as its first. */
  of(macAddress: MacAddress): DeploymentId | undefined {
    return this.#deployments.get(macAddress)
  }
}
