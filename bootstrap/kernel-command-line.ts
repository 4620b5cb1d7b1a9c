/**
 * Reads `/proc/cmdline`: arguments are separated by white space, double quotes keep spaces together, and a name
 * may come more than once (Linux, Documentation/admin-guide/kernel-parameters). It does not know what the arguments mean.
 */

import { type MacAddress, parseMacAddress } from '../server/address/mac-address.ts'

/** Name and values in the order given; an argument without `=` has the value ''. */
export type KernelCommandLine = ReadonlyMap<string, readonly string[]>

export function parseKernelCommandLine(text: string): KernelCommandLine {
  const found = new Map<string, string[]>()
  for (const word of text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []) {
    const bare = word.replaceAll('"', '')
    const equals = bare.indexOf('=')
    const name = equals < 0 ? bare : bare.slice(0, equals)
    const value = equals < 0 ? '' : bare.slice(equals + 1)
    found.set(name, [...(found.get(name) ?? []), value])
  }
  return found
}

/** The last value given wins, as it does for most of the kernel's own arguments. */
export function lastArgument(commandLine: KernelCommandLine, name: string): string | undefined {
  return commandLine.get(name)?.at(-1)
}

/** `BOOTIF=01-52-54-00-12-34-56` as PXELINUX writes it (hardware type first), or the bare address. */
export function bootInterface(commandLine: KernelCommandLine): MacAddress | undefined {
  const value = lastArgument(commandLine, 'BOOTIF')
  if (value === undefined) return undefined
  return parseMacAddress(value) ?? parseMacAddress(value.replace(/^[0-9a-f]{2}[-:]/i, ''))
}
