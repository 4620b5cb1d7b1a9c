/** What the partitions of a disk must be together (S2-042, S2-043): what an MBR or a GPT disk can hold. */

import { fault, memberOf, type Place, warn } from '../read-document.ts'
import type { Disk, Partition } from './format-and-partition-disk.ts'

const mbrPartitionsMax = 4

export function settleDisk(disk: Disk, place: Place): Disk {
  const rows = disk.partitions.map((value, index) => ({ partition: value, place: partitionAt(place, index) }))
  // Those of logical partitions are shares of the extended one.
  checkPercentages(
    memberOf(place, 'partitions'),
    rows.filter(({ partition }) => partition.use !== 'logical'),
  )
  checkPercentages(
    memberOf(place, 'partitions'),
    rows.filter(({ partition }) => partition.use === 'logical'),
  )
  checkVariables(rows)
  if (disk.diskType === 'mbr') checkMbr(memberOf(place, 'partitions'), rows)
  else checkGpt(rows)
  return disk
}

interface Row {
  readonly partition: Partition
  readonly place: Place
}

function partitionAt(place: Place, index: number): Place {
  const partitions = memberOf(place, 'partitions')
  const value: unknown = Array.isArray(partitions.value) ? partitions.value[index] : undefined
  return { ...partitions, value, path: `${partitions.path}[${index}]` }
}

function checkPercentages(place: Place, rows: readonly Row[]): void {
  const shares = rows.map(({ partition: { size } }) => ('percentOfRemaining' in size ? size.percentOfRemaining : 0))
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum <= 100) return
  const message = `Lower the percentages: together they are ${sum}. A partition without a size asks for 100.`
  fault(place, 'contradiction', message)
}

function checkVariables(rows: readonly Row[]): void {
  const seen = new Set<string>()
  for (const {
    partition: { variable },
    place,
  } of rows) {
    const key = variable?.toLowerCase()
    if (key === undefined) continue
    if (seen.has(key)) {
      const message = 'Another partition of this disk sets this variable: choose another name.'
      fault(memberOf(place, 'variable'), 'duplicate', message)
    }
    seen.add(key)
  }
}

function checkMbr(place: Place, rows: readonly Row[]): void {
  const logical = rows.filter(({ partition }) => partition.use === 'logical')
  if (rows.length - logical.length > mbrPartitionsMax) {
    const message = `An MBR disk has at most ${mbrPartitionsMax} partitions beside logical ones: remove some, make some logical, or choose gpt.`
    fault(place, 'too-many', message)
  }
  for (const row of rows) {
    const { use } = row.partition
    if (use !== 'bios-boot' && use !== 'msr') continue
    fault(memberOf(row.place, 'use'), 'contradiction', `Only a GPT disk has a partition used as ${use}.`)
  }
  const [extended, ...others] = rows.filter(({ partition }) => partition.use === 'extended')
  for (const row of others) {
    fault(memberOf(row.place, 'use'), 'contradiction', 'A disk has one extended partition: make this another use.')
  }
  for (const row of extended === undefined ? logical : []) {
    fault(memberOf(row.place, 'use'), 'contradiction', 'A logical partition lies in an extended one: add that first.')
  }
  const [, ...more] = rows.filter((row) => row.partition.bootable)
  for (const row of more) {
    const message = 'Only one partition of a disk can be active: set this to false.'
    fault(memberOf(row.place, 'bootable'), 'contradiction', message)
  }
}

function checkGpt(rows: readonly Row[]): void {
  for (const row of rows) {
    const { use, bootable } = row.partition
    if (use === 'extended' || use === 'logical') {
      const message = 'A GPT disk has neither extended nor logical partitions, and needs none: use primary.'
      fault(memberOf(row.place, 'use'), 'contradiction', message)
    }
    if (!bootable) continue
    warn(memberOf(row.place, 'bootable'), 'no-effect', 'A GPT disk has no active partition: this has no effect.')
  }
}
