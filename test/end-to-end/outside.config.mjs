/** The end-to-end test that fetches Debian packages and so cannot run in a network of its own. */
export default {
  files: ['test/end-to-end/boot-image.test.ts'],
  extensions: ['ts'],
  timeout: '12m',
  workerThreads: false,
}
