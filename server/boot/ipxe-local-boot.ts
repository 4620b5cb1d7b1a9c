/**
 * How an iPXE script hands a machine on to its own disk. Firmware differs (peers.md I03): after `exit` most take the next
 * boot device, some UEFI ones only when iPXE reports a failure, and some BIOSes start over unless iPXE
 * starts the disk itself. So the way is a setting (`--local-boot`), and `exit` the default.
 */

export const localBoots = ['exit', 'exit-with-error', 'first-disk'] as const
export type LocalBoot = (typeof localBoots)[number]

/** The last lines of a script. */
export function localBootLines(localBoot: LocalBoot): readonly string[] {
  switch (localBoot) {
    case 'exit':
      return ['exit']
    case 'exit-with-error':
      return ['exit 1']
    case 'first-disk':
      // Only BIOS knows drive numbers; where the disk does not start, the next boot device gets its turn.
      return ['sanboot --no-describe --drive 0x80 || exit 1', 'exit']
    default:
      return localBoot satisfies never
  }
}
