/** The command line of sysprep, as Windows 10 and later take it (S2-063). Run in Windows only. */

import type { PrepareWindowsForCapture } from '../server/sequence/step-types/prepare-windows-for-capture.ts'

/**
 * `/quit`: the agent restarts the machine itself. `/generalize` resets the activation, unless SkipRearm in the answer file
 * (Microsoft-Windows-Security-SPP) keeps it; the list of mass storage drivers is a section of sysprep.inf, which Windows
 * has not read since Vista, so that flag changes nothing there.
 */
export function sysprepCommandLine({ doNotResetActivation }: PrepareWindowsForCapture): string {
  const answerFile = doNotResetActivation ? ` /unattend:"%WINDIR%\\Panther\\${keepActivationFileName}"` : ''
  return `"%WINDIR%\\System32\\Sysprep\\sysprep.exe" /quiet /generalize /oobe /quit${answerFile}`
}

export const keepActivationFileName = 'keep-activation.xml'

/** Goes beside the answer file before sysprep starts, for both architectures. */
export function keepActivationFile(): string {
  const component = (architecture: string): string =>
    `    <component name="Microsoft-Windows-Security-SPP" processorArchitecture="${architecture}" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">
      <SkipRearm>1</SkipRearm>
    </component>`
  return `<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="generalize">
${['amd64', 'arm64', 'x86'].map(component).join('\n')}
  </settings>
</unattend>
`
}
