/** End-to-end tests run one after the other: two virtual machines are enough for two processor cores. */
export default {
  files: ['test/end-to-end/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '12m',
  concurrency: 1,
  workerThreads: false,
}
