/**
 * What makes the image of a disc one of a stick as well: a master boot record and a GPT in the sixteen blocks that ISO 9660
 * leaves to the system (ECMA-119 section 6.2.1), and the backup table at the end. The EFI system partition is the FAT volume
 * that El Torito names, so UEFI finds the same files on both.
 */

import { efiSystemPartition } from '../disk/guid.ts'
import { diskSectorBytes, encodeMasterBootRecord, protectivePartitions } from '../disk/master-boot-record.ts'
import { encodeGpt } from '../disk/partition-table.ts'
import { layOutBytes, type Placement } from '../layout/layout.ts'
import { patchMasterBootCode, sectorOfBlock } from './el-torito.ts'
import type { HybridDisk, IsoVolume } from './iso-volume.ts'
import type { IsoPlan } from './plan-iso.ts'

export function placeHybridTables({ bios, efi }: IsoVolume, hybrid: HybridDisk, plan: IsoPlan): Placement[] {
  const sectors = sectorOfBlock(plan.blocks)
  const bootCode =
    bios?.masterBootCode === undefined || plan.biosBlock === undefined
      ? undefined
      : patchMasterBootCode(bios.masterBootCode, bios.loader, plan.biosBlock)
  const efiPartition =
    efi === undefined || plan.efiBlock === undefined
      ? undefined
      : {
          type: efiSystemPartition,
          id: hybrid.efiPartitionId,
          name: 'EFI system partition',
          firstSector: sectorOfBlock(plan.efiBlock),
          sectors: Math.ceil(efi.length / diskSectorBytes),
        }
  const record = encodeMasterBootRecord({
    ...(bootCode === undefined ? {} : { bootCode }),
    diskSignature: 0,
    partitions: protectivePartitions(sectors, bootCode !== undefined),
  })
  const gpt = encodeGpt(hybrid.diskId, sectors, efiPartition === undefined ? [] : [efiPartition])
  return [
    { offset: 0, layout: layOutBytes(record) },
    { offset: gpt.primarySector * diskSectorBytes, layout: layOutBytes(gpt.primary) },
    { offset: gpt.backupSector * diskSectorBytes, layout: layOutBytes(gpt.backup) },
  ]
}
