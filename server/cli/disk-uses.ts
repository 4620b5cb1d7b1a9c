/** Who works with a disk, from the kernel's lists (proc(5): mountinfo, swaps), in which a space is written `\040`. */

export interface Mount {
  /** Major and minor number; of Btrfs another one than the disk's, so the source counts too. */
  readonly device: string
  readonly source: string
  readonly on: string
}

export function mountsIn(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line): Mount[] => {
    const [front = '', back = ''] = line.split(' - ')
    const [, , device, , on] = front.split(' ')
    const [, source] = back.split(' ')
    return device === undefined || on === undefined ? [] : [{ device, source: plain(source ?? ''), on: plain(on) }]
  })
}

export function swapsIn(swaps: string): string[] {
  return swaps
    .split('\n')
    .slice(1)
    .map((line) => plain(line.split(/\s/)[0] ?? ''))
}

function plain(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
