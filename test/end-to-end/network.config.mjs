/** Networks of hosts without machines, in a network namespace of their own, file after file: packets are waited for there. */
export default {
  files: ['test/end-to-end/network/*.test.ts'],
  extensions: ['ts'],
  timeout: '12m',
  concurrency: 1,
  workerThreads: false,
}
