/**
 * Virtual machines, in a network namespace of their own. Two files at a time: most of the time a file has one machine, which keeps
 * one core busy. Building a boot image from nothing needs the package mirror, which is outside (outside.config.mjs);
 * what looks at the clock of a network has the machine to itself (network.config.mjs).
 */
export default {
  files: ['test/end-to-end/*.test.ts', '!test/end-to-end/boot-image.test.ts'],
  extensions: ['ts'],
  timeout: '20m',
  concurrency: 2,
  workerThreads: false,
}
