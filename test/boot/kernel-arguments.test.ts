/** The allow-list of kernel arguments (security B08). */

import test from 'ava'
import { allowedKernelArguments, kernelArgumentFault } from '../../server/boot/kernel-arguments.ts'

const allows = test.macro((t, argument: string) => t.is(kernelArgumentFault(argument), undefined))
const refuses = test.macro((t, argument: string, fault: RegExp) => t.regex(kernelArgumentFault(argument) ?? '', fault))

for (const argument of [
  'quiet',
  'console=ttyS0,115200n8',
  'net.ifnames=0',
  'pci=nomsi,noaer',
  'i915.modeset=0',
  'video=1024x768@60',
]) {
  test(`B08: ${argument} is allowed`, allows, argument)
}

test('B08: another first program is refused', refuses, 'init=/bin/sh', /^init is not an argument that may be set$/)
test('B08: another first program of the initramfs is refused', refuses, 'rdinit=/bin/sh', /^rdinit is not/)
test('B08: another initramfs is refused', refuses, 'initrd=evil.img', /^initrd is not/)
test('B08: a breakpoint of somebody’s initramfs is refused', refuses, 'rd.break=pre-mount', /set by the server itself/)
test(
  'B08: another server is refused',
  refuses,
  'reveille.server=http://10.0.0.9',
  /^reveille\.server is set by the server itself$/,
)
test(
  'B08: the spelling of the kernel, a dash for an underscore, changes nothing',
  refuses,
  'Reveille.server=x',
  /set by the server itself/,
)
test('B08: BOOTIF is refused', refuses, 'BOOTIF=01-00-00-00-00-00-00', /not an argument that may be set/)
test('B08: the end of arguments is refused', refuses, '--', /not an argument that may be set|not of the form/)
test('B08: a space is refused', refuses, 'console=a init=/bin/sh', /not of the form/)
test('B08: a line feed is refused', refuses, 'quiet\n', /not of the form/)
test('B08: quotes are refused', refuses, 'console="a b"', /not of the form/)
test('B08: an expansion is refused', refuses, 'console=${serial}', /not of the form/)
test('B08: nothing is refused', refuses, '', /not of the form/)
test('B08: a very long one is refused', refuses, `console=${'a'.repeat(300)}`, /longer than 256/)

test('B08: what may not be set is left out, and no more than 32 are passed on', (t) => {
  t.deepEqual(allowedKernelArguments(['quiet', 'init=/bin/sh', 'debug']), ['quiet', 'debug'])
  t.is(allowedKernelArguments(Array.from({ length: 100 }, () => 'quiet')).length, 32)
})
