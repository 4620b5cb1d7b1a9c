/** Which files of test/end-to-end boot machines, in two lanes that take about as long as each other. */

export const machineLanes = [
  ['applied-debian', 'capture', 'deploy-bios', 'doors', 'media-capture', 'media-start'],
  [
    'decisions',
    'deploy-uefi',
    'folders-and-encryption',
    'media-network',
    'media-runs',
    'media-set',
    'media-without-site',
    'sequence-runs',
    'who-gets-what',
  ],
] as const satisfies readonly (readonly string[])[]
