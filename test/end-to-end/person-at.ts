/** Somebody at the serial line of a machine, who reads what is new there and types. */

import type { ExecutionContext } from 'ava'
import type { VirtualMachine } from '../../scripts/lab/virtual-machine.ts'
import { waitFor } from '../../scripts/wait-for.ts'

export interface Person {
  /** Waits for a line that matches and came after the one that was read last. */
  readonly read: (line: RegExp, withinMs?: number) => Promise<string>
  /** Reads up to the last line of a page, and types one. */
  readonly answer: (page: RegExp, typed: string) => Promise<void>
}

/** A machine under software emulation is at its first page after half a minute; other machines may run beside it. */
const pageMs = 6 * 60_000
const shownCharacters = 6_000

export function personAt(t: ExecutionContext, machine: VirtualMachine): Person {
  let readCharacters = 0
  const look = (line: RegExp): string | undefined => {
    const found = new RegExp(line, 'm').exec(machine.serial().slice(readCharacters))
    if (found !== null) readCharacters += found.index + found[0].length
    else if (machine.ending() !== undefined) throw new Error(`the machine stopped: ${machine.ending()}`)
    return found?.[0]
  }
  const read: Person['read'] = async (line, withinMs = pageMs) => {
    try {
      return await waitFor(`the machine to say ${line}`, () => look(line), { withinMs })
    } catch (error) {
      t.log(machine.serial().slice(-shownCharacters))
      throw error
    }
  }
  return {
    read,
    answer: async (page, typed) => {
      await read(page)
      machine.type(`${typed}\n`)
    },
  }
}
