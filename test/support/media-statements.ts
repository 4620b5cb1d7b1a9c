/**
 * What media are and do: each statement with a short name, in the order of their numbers. And which of them have no test, with the
 * reason. `conformance.ts` joins them to the rest.
 */

import type { StatementGroup } from './conformance.ts'

export const mediaStatements: readonly StatementGroup[] = [
  {
    title: 'Media',
    prefix: 'S7-',
    digits: 3,
    statements: [
      'bootable media hold no sequence, and keep their boot image',
      'stand-alone media need a sequence with a boot image',
      'who may make media',
      'where HTTPS media are made',
      'packages are not encrypted, steps and variables are',
      'pages of bootable media',
      'pages of stand-alone media',
      'pages of prestaged media',
      'pages of capture media',
      'unattended: no network page, no optional sequences, the password',
      'dynamic: a list of servers; site-based: one',
      'SMSTSLocationMPs and SMSTSMP',
      'sticks have FAT32, and no file over 4 GiB',
      'ISO images of a size, and sets of them',
      'an existing image is deleted too early',
      'label, and MediaLabel.txt',
      'a switch that does the opposite',
      'unknown computers, password, certificate, user affinity',
      'not before its start, not after its expiry; a year',
      'stand-alone dates, by the clock of the machine',
      'variables, prestart command and its files',
      'which media have a prestart command',
      'content of the sequence, all of it at one place',
      'dependencies of applications',
      'what stand-alone media cannot do',
      'what needs a network fails',
      'no deployment and no client identity',
      'started as a boot medium or from an installed system',
      'the site code of stand-alone media',
      'a workaround at a central site',
      'prestaged: on a formatted disk, its content first',
      '_SMSTSMediaType is OEMMedia',
      '_SMSTSClientCache, and the partition step is left out',
      'parameters of the command line',
      'launch modes',
      'files of bootable media',
      'keys of TSMBootstrap.ini',
      'stand-alone: policy and content',
      'the form of the variables file',
      'a password resists guessing',
      'content is checked by its hash',
      'made available to media',
      'a stick made of an ISO image’s files',
      'the processor of a medium is not looked at before',
    ],
  },
  {
    title: 'Media: acceptance',
    prefix: 'A7-',
    statements: [
      'unattended with a password asks for the password alone',
      'unattended without a preferred deployment is an error',
      'sets of discs, and a file too large for a stick',
      'dates: a minute too early, a minute too late',
      'steps that stand-alone media cannot do are reported',
      'an existing image is not deleted before its time',
    ],
  },
]

/** By id: why no test proves it. */
export const mediaNotCovered: Readonly<Record<string, string>> = {
  'S7-003':
    'Media are made by the server for whoever has an administrator’s token (test/http/access.test.ts); no user of a machine matters.',
  'S7-004': 'There is one site, and its servers’ addresses may be http or https.',
  'S7-017': 'A defect of the source system’s command.',
  'S7-028': 'Not built: stand-alone media are started from, not opened in a running system.',
  'S7-030': 'A workaround for a defect of the source system.',
  'S7-034': 'The command line is our own (`./reveille media create --help`), with these options by name.',
  'S7-044':
    'A medium has the loaders of its boot image’s processor alone, so the firmware of another one starts nothing from it.',
  'S7-043': 'The files of the ISO image are those of a stick (S7-036); nobody copied them by hand onto one in a test.',
}

/** By id: what of it is not proven. */
export const mediaCoveredInPart: Readonly<Record<string, string>> = {
  'S7-008': 'content, and all that bootable media have; no fields for a version and the index of an image',
  'S7-011': 'there are no boundaries: the servers of a dynamic medium are asked in their order',
  'S7-018': 'a key pair of the medium in place of certificates; affinity is a variable for the run',
  'S7-023': 'what is missing is named; content comes from the library of the site, and from no distribution point',
}
