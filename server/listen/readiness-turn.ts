/** Who looks at the sockets: what the two threads of `readiness.ts` agree on through one shared number. */

export const turns = { owner: 0, worker: 1, end: 2 } as const

export interface ReadinessWork {
  readonly descriptor: number
  /** Shared, because the waiting thread never comes back to its message queue. */
  readonly turn: Int32Array
}
