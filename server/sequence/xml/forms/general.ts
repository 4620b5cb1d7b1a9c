/** The steps of the menu General in the XML of the source system; Run Task Sequence is an element of its own there. */

import type { Written } from '../../step-type.ts'
import { decodeScript, encodeScript } from '../base64.ts'
import { flag, type Form, form, number, type Row, type Said, text, words } from '../form.ts'
import { languageCode, languageOfCode } from '../language-codes.ts'
import type { Properties } from '../properties.ts'

const runAs = (kind: string): Readonly<Record<string, Row>> => ({
  RunAsUser: flag('runAsUser', `_${kind}AsUser`),
  UserName: text('userName', `${kind}UserName`),
  UserPassword: text('userPassword', `${kind}UserPassword`),
})

const script: Row = {
  member: 'script',
  read: (value) => decodeScript(value),
  write: (value) => (typeof value === 'string' ? encodeScript(value) : undefined),
}

const joinTypes = { '0': 'domain', '1': 'workgroup' }

export const generalForms = {
  'run-command-line': form({
    rows: {
      CommandLine: text('commandLine'),
      PackageID: text('packageId'),
      OutputVariableName: text('outputVariable', 'SMSTSRunCommandLineOutputVariableName'),
      DisableWow64Redirection: flag('disable64BitRedirection', 'SMSTSDisableWow64Redirection'),
      ...runAs('SMSTSRunCommandLine'),
    },
    fixed: { LoadProfile: 'false' },
    command: (say) => `smsswd.exe /run:${say('PackageID')} ${say('CommandLine')}`,
  }),
  'run-powershell-script': form({
    prefix: 'OSDRunPowerShellScript',
    rows: {
      PackageID: text('packageId'),
      ScriptName: text('scriptName'),
      SourceScript: script,
      Parameters: text('parameters'),
      ExecutionPolicy: words('executionPolicy', { AllSigned: 'all-signed', Undefined: 'undefined', Bypass: 'bypass' }),
      OutputVariableName: text('outputVariable'),
      ...runAs('SMSTSRunPowerShell'),
    },
    command: 'OSDRunPowerShellScript.exe',
  }),
  'join-domain-or-workgroup': form({
    prefix: 'OSDJoin',
    rows: {
      Type: words('joinType', joinTypes),
      DomainName: text('domainName'),
      DomainOUName: text('ouName'),
      DomainUsername: text('account', 'OSDJoinAccount'),
      DomainPassword: text('password', 'OSDJoinPassword'),
      WorkgroupName: text('workgroupName'),
      SkipReboot: flag('skipRestart'),
    },
    command: 'osdjoin.exe /type:%OSDJoinType%',
  }),
  'connect-to-network-folder': form({
    prefix: 'SMSConnectNetworkFolder',
    rows: {
      Path: text('path'),
      DriveLetter: text('driveLetter'),
      Username: text('account', 'SMSConnectNetworkFolderAccount'),
      Password: text('password'),
    },
    command: 'smsnetuse.exe %SMSConnectNetworkFolderPath%',
  }),
  'restart-computer': form({
    prefix: 'SMSReboot',
    rows: {
      Target: words('target', { HD: 'installed-system', WinPE: 'boot-image' }),
      Message: text('message'),
      MessageTimeout: number('timeoutSeconds', 'SMSRebootTimeout'),
    },
    command: (say) => `smsboot.exe /target:${say('Target')}`,
  }),
  'set-task-sequence-variable': form({
    rows: {
      VariableName: text('variable'),
      DoNotShowVariableValue: flag('secret'),
      VariableValue: text('value'),
    },
    command: (say) => `tsenv.exe "${say('VariableName')}=${say('VariableValue')}"`,
  }),
  // Its rules are a document of their own inside a property, whose form is not published.
  'set-dynamic-variables': form({ command: 'OSDSetDynamicVariables.exe' }),
  'check-readiness': form({
    prefix: 'OSD',
    fixed: { CheckDeviceUEFI: 'false' },
    rows: {
      CheckPowerState: flag('acPower'),
      CheckNetworkConnected: flag('network'),
      CheckNetworkWired: flag('wired'),
    },
    read: readChecks,
    write: writeChecks,
    command: 'OSDPrestartCheck.exe',
  }),
  'run-task-sequence': form({ rows: { TsPackageID: text('taskSequenceId') }, command: '' }),
} as const satisfies Readonly<Record<string, Form>>

interface Check {
  readonly check: string
  readonly property: string
  readonly member: string
  /** What the member is when the check is not made. */
  readonly off: unknown
  read(text: string): unknown
  write(value: unknown): string | undefined
}

const asNumber = { off: 0, read: (value: string) => Number(value), write: String }
const asText = { off: '', read: (value: string) => value, write: String }

const checks: readonly Check[] = [
  { check: 'CheckMemory', property: 'Memory', member: 'minimumMemoryMegabytes', ...asNumber },
  { check: 'CheckProcessorSpeed', property: 'ProcessorSpeed', member: 'minimumSpeedMegahertz', ...asNumber },
  { check: 'CheckFreeDiskSpace', property: 'FreeDiskSpace', member: 'minimumDiskMegabytes', ...asNumber },
  {
    check: 'CheckOSType',
    property: 'OSType',
    member: 'osType',
    off: 'not-checked',
    read: (value) => value.toLowerCase(),
    write: (value) => String(value).toUpperCase(),
  },
  {
    check: 'CheckOSArchitecture',
    property: 'OSArchitecture',
    member: 'architecture',
    off: 'not-checked',
    read: (value) => `${value}-bit`,
    write: (value) => String(value).replace('-bit', ''),
  },
  { check: 'CheckMinOSVersion', property: 'MinOSVersion', member: 'minimumOsVersion', ...asText },
  { check: 'CheckMaxOSVersion', property: 'MaxOSVersion', member: 'maximumOsVersion', ...asText },
  { check: 'CheckCMClientMinVersion', property: 'CMClientMinVersion', member: 'minimumClientVersion', ...asText },
  {
    check: 'CheckOSLanguageID',
    property: 'OSLanguageID',
    member: 'osLanguage',
    off: '',
    read: (value) => languageOfCode(Number(value)) ?? value,
    write: (value) => languageCode(String(value))?.toString(),
  },
]

/** A check that is not mentioned is not made; ours would be. */
function readChecks(properties: Properties): Written {
  const members = checks.map((one): [string, unknown] => {
    const { check, property, member, off } = one
    const isMade = properties.text(check, `OSD${check}`).toLowerCase() === 'true'
    const value = properties.text(property, `OSD${property}`).trim()
    return [member, isMade && value !== '' ? one.read(value) : off]
  })
  return Object.fromEntries(members)
}

function writeChecks(action: Written): readonly Said[] {
  return checks.flatMap((one): readonly Said[] => {
    const { check, property, member, off } = one
    const value = action[member]
    const said = value === off ? undefined : one.write(value)
    return [
      [check, `OSD${check}`, String(said !== undefined)],
      [property, `OSD${property}`, said ?? ''],
    ]
  })
}
