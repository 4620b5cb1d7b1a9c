/**
 * Why a lane stands still: what was heard last, what should have come next, and the likely cause, in words for the
 * person at the page. Pure: the page asks it once a second with its own idea of the server's time.
 */

import type { Lane, LaneStage } from './progress.ts'

export interface Standstill {
  readonly silentMs: number
  readonly expected: string
  readonly likelyCause: string
}

/** How long a stage may be silent before it is worth a remark: firmware is slow, a kernel start is slower. */
const silenceMsMax = {
  dhcp: 20_000,
  loader: 20_000,
  'boot-image': 90_000,
  agent: 30_000,
  steps: 120_000,
  restart: 180_000,
  done: Number.POSITIVE_INFINITY,
} as const satisfies Record<LaneStage, number>

const explanations = {
  dhcp: {
    expected: 'the machine fetches its boot loader by TFTP or HTTP',
    likelyCause:
      'The offer did not reach the machine or was not liked: another DHCP or PXE server answered first, a firewall drops UDP 69 or 4011, or the switch port was not forwarding yet (spanning tree).',
  },
  loader: {
    expected: 'the boot loader asks for its script, kernel and initramfs over HTTP',
    likelyCause:
      'The loader has no network: its driver does not know the network card, the HTTP port is blocked, or Secure Boot refused the unsigned loader.',
  },
  'boot-image': {
    expected: 'the agent in the boot image says hello',
    likelyCause:
      'The kernel did not start, found no driver for the network card, or got no address. The screen of the machine shows which. Less than 512 MB of memory is not enough to unpack the boot image.',
  },
  agent: {
    expected: 'the agent starts a task sequence',
    likelyCause: 'Somebody must choose at the machine, or the agent lost its connection to this server.',
  },
  steps: {
    expected: 'the next word from the running step',
    likelyCause: 'The step works without printing anything, or the machine lost power or its network.',
  },
  restart: {
    expected: 'the client in the installed system says that it is back',
    likelyCause:
      'The machine did not start from its disk: look at the boot order, the boot loader, and whether it waits at a firmware message.',
  },
  done: { expected: '', likelyCause: '' },
} as const satisfies Record<LaneStage, { expected: string; likelyCause: string }>

export function explainStandstill(lane: Lane, nowMs: number): Standstill | undefined {
  if (lane.condition !== 'moving') return undefined
  const silentMs = nowMs - lane.changedAtMs
  return silentMs > silenceMsMax[lane.stage] ? { silentMs, ...explanations[lane.stage] } : undefined
}
