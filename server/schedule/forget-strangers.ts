/** Every five minutes: lanes of machines that the site does not know, a day after they were seen last or when there are too many. */

import type { Job } from './job.ts'

export interface StrangersStore {
  forgetStrangers(nowMs: number): Promise<number>
}

export function forgetStrangers(store: StrangersStore): Job {
  return {
    name: 'forget strangers',
    // Somebody who invents addresses makes hundreds of lanes a second.
    due: '*/5 * * * *',
    async run(nowMs) {
      const lanes = await store.forgetStrangers(nowMs)
      return lanes === 0 ? {} : { text: `Forgot ${lanes} machines that the site does not know`, fields: { lanes } }
    },
  }
}
