/**
 * Virtual machines, in a network namespace of their own, file after file: servers of one namespace share port 67. Building a
 * boot image from nothing needs the package mirror, which is outside (outside.config.mjs); networks without machines are
 * in network.config.mjs.
 */
export default {
  files: ['test/end-to-end/*.test.ts', '!test/end-to-end/boot-image.test.ts'],
  extensions: ['ts'],
  timeout: '20m',
  concurrency: 1,
  workerThreads: false,
}
