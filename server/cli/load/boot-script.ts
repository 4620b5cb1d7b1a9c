/** What an iPXE script tells a machine to fetch, as far as a made-up machine follows it (boot/ipxe-script.ts). */

/** Paths of kernel and initramfs over HTTP; none: it goes on to its disk. The host in the script is not asked: only the one that was named is. */
export function filesOfScript(script: string): readonly string[] {
  const lines = script.split('\n').filter((line) => /^(?:kernel|initrd) /.test(line))
  return lines.flatMap((line) => {
    const url = /\shttps?:\/\/[^/\s]+(\/\S*)/.exec(line)?.[1]
    return url === undefined ? [] : [url]
  })
}
