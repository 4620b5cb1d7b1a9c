/**
 * The built-in variables a run starts with (configmgr-spec S3.1), from what the machine and the server said. The engine adds
 * its own (`_SMSTSInWinPE` and the last action's). Those that a person may set come first, so that the policy wins.
 */

import type { Hardware, Policy } from '../server/contract/agent.ts'
import type { Variable } from '../server/sequence/environment.ts'
import type { MediumStartVariables } from './medium/from-medium.ts'

export interface RunStart {
  readonly hardware: Hardware
  readonly policy: Policy
  /** The device's name in the site. */
  readonly machineName: string
  readonly server: string
  readonly startedFrom: 'boot-image' | 'installed-system' | 'media'
  readonly medium?: MediumStartVariables
}

/** In order of rising precedence; one that is empty is not set. */
export function startVariables(start: RunStart): readonly Variable[] {
  const { hardware, policy, machineName, server } = start
  const url = URL.canParse(server) ? new URL(server) : undefined
  const texts: Readonly<Record<string, string>> = {
    _SMSTSAdvertID: policy.deploymentId,
    _SMSTSPackageID: policy.taskSequenceId,
    _SMSTSSiteCode: policy.siteCode,
    _SMSTSMachineName: machineName,
    _SMSTSMake: hardware.manufacturer ?? '',
    _SMSTSModel: hardware.model ?? '',
    _SMSTSSerialNumber: hardware.serialNumber ?? '',
    _SMSTSUUID: hardware.smbiosGuid ?? '',
    _SMSTSMacAddresses: hardware.macAddresses.join(','),
    _SMSTSBootUEFI: String(hardware.firmware === 'uefi'),
    _SMSTSLaunchMode: start.medium?.launchMode ?? (start.startedFrom === 'installed-system' ? 'SMS' : 'PXE'),
    // S3-003: where the policy comes from, beside how the machine was started. A client has no medium at all.
    _SMSTSMediaType: start.medium?.mediaType ?? (start.startedFrom === 'boot-image' ? 'PXE' : ''),
    _SMSTSUserStarted: policy.userStarted === undefined ? '' : String(policy.userStarted),
    _SMSTSOrgName: policy.organizationName ?? '',
    _SMSTSTimezone: policy.timeZone ?? '',
    _SMSTSBootImageID: policy.bootImageId ?? '',
    // Each step asks for its content when it needs it, and no content is run where it lies.
    _SMSTSDownloadOnDemand: 'true',
    _SMSTSRunFromDP: 'false',
    _SMSTSType: '2',
    _SMSTSMP: server,
    _SMSTSMPPort: url === undefined ? '' : url.port || (url.protocol === 'https:' ? '443' : '80'),
    _SMSTSUseSSL: String(url?.protocol === 'https:'),
    _TSSecureBoot: hardware.firmware === 'bios' ? 'NA' : hardware.secureBoot ? 'Enabled' : 'Disabled',
  }
  const ours = Object.entries(texts).filter(([, value]) => value !== '')
  return [
    { name: 'OSDComputerName', value: machineName, secret: false },
    ...policy.variables.filter(({ value }) => value !== ''),
    ...ours.map(([name, value]) => ({ name, value, secret: false })),
  ]
}
