/** Convert Disk to Dynamic (S2 table, row 15): dynamic disks are Windows' own, so this ends with an error here. */

import type { ConvertDiskToDynamic } from '../../server/sequence/step-types/convert-disk-to-dynamic.ts'
import { StepFailed, type StepResult } from '../step-context.ts'
import { dynamicDiskScript } from '../windows-volumes.ts'

export async function convertDiskToDynamic({ diskNumber }: ConvertDiskToDynamic): Promise<StepResult> {
  const script = dynamicDiskScript(diskNumber).trim().replaceAll('\r\n', '; ')
  throw new StepFailed(
    `only Windows has dynamic disks: remove this step (on Windows the input of diskpart.exe is: ${script})`,
  )
}
