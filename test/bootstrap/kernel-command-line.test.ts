/** `/proc/cmdline`, and what the agent takes from it and from its settings. */

import test from 'ava'
import { bootInterface, lastArgument, parseKernelCommandLine } from '../../bootstrap/kernel-command-line.ts'
import {
  chooseSeconds,
  chooseSecondsDefault,
  printSettings,
  serverFromCommandLine,
  serverFromSettings,
} from '../../bootstrap/server-location.ts'

test('arguments are separated by white space, and quotes keep it', (t) => {
  const line = parseKernelCommandLine('initrd=initrd.img  quiet name="two words" "whole=a b"\n')
  t.deepEqual(
    [...line.entries()],
    [
      ['initrd', ['initrd.img']],
      ['quiet', ['']],
      ['name', ['two words']],
      ['whole', ['a b']],
    ],
  )
})

test('the last of equal arguments wins', (t) => {
  t.is(lastArgument(parseKernelCommandLine('console=tty0 console=ttyS0'), 'console'), 'ttyS0')
})

test('the boot card is read with and without its hardware type', (t) => {
  t.is(printBootInterface('BOOTIF=01-52-54-00-12-34-5A'), '52:54:00:12:34:5a')
  t.is(printBootInterface('BOOTIF=52:54:00:12:34:5a'), '52:54:00:12:34:5a')
  t.is(printBootInterface('BOOTIF=nonsense'), undefined)
  t.is(printBootInterface(''), undefined)
})

test('several servers are tried in the order given, and what is no address is left out', (t) => {
  const line = parseKernelCommandLine(
    'reveille.server=http://10.0.0.1:8080/,https://deploy.example reveille.server=ftp://x reveille.server=http://u:p@h',
  )
  t.deepEqual(serverFromCommandLine(line), ['http://10.0.0.1:8080', 'https://deploy.example'])
})

test('the settings of the installed system come back as they were written', (t) => {
  t.deepEqual(serverFromSettings(printSettings(['http://10.0.0.1:8080'])), ['http://10.0.0.1:8080'])
  t.deepEqual(serverFromSettings('{"server":[1,"x"]}'), [])
})

test('the time for choosing can be set, and nonsense leaves the default', (t) => {
  t.is(chooseSeconds(parseKernelCommandLine('reveille.choose-seconds=0')), 0)
  t.is(chooseSeconds(parseKernelCommandLine('reveille.choose-seconds=-5')), chooseSecondsDefault)
})

function printBootInterface(text: string): string | undefined {
  return bootInterface(parseKernelCommandLine(text))
}
