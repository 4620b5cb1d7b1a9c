/**
 * End-to-end tests, in a network namespace of their own, file after file: the machines of one file are enough for two cores.
 * Building a boot image from nothing needs the package mirror, which is outside (outside.config.mjs).
 */
export default {
  files: ['test/end-to-end/**/*.test.ts', '!test/end-to-end/boot-image.test.ts'],
  extensions: ['ts'],
  timeout: '20m',
  concurrency: 1,
  workerThreads: false,
}
