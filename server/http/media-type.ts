/**
 * Media types by the ending of a name. UEFI firmware decides by them what to do with a file (UEFI 2.10 section
 * 24.7.5, H06); everything else that machines fetch is octets.
 */

const types = {
  '.efi': 'application/efi',
  '.iso': 'application/vnd.efi-iso',
  '.img': 'application/vnd.efi-img',
  '.ipxe': 'text/plain; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
} as const satisfies Record<string, string>

const byEnding: ReadonlyMap<string, string> = new Map(Object.entries(types))

/** An initramfs is called `initrd.img`, and is no disk image. */
export function mediaTypeOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  if (base.startsWith('initrd')) return 'application/octet-stream'
  const dot = base.lastIndexOf('.')
  return byEnding.get(dot < 0 ? '' : base.slice(dot)) ?? 'application/octet-stream'
}

/** Types a browser would show as a page are only sent from the console's own files (security D18). */
export function downloadTypeOf(name: string): string {
  const type = mediaTypeOf(name)
  return /^(?:text\/(?:html|javascript|css)|image\/svg)/.test(type) ? 'application/octet-stream' : type
}
