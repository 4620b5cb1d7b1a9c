/** The scripts iPXE is given: what they do, what they never do (security B07, B08, B11; peers.md I01 to I09, H03, R28). */

import test from 'ava'
import * as fc from 'fast-check'
import type { Boot, BootDecision } from '../../server/boot/boot-decision.ts'
import { printDiscoveryScript } from '../../server/boot/ipxe-discovery-script.ts'
import { type IpxeScriptContext, printIpxeScript } from '../../server/boot/ipxe-script.ts'
import { serverUrl } from '../../server/boot/server-url.ts'
import { parseIpv4Address } from '../../server/address/ipv4-address.ts'
import { assert } from '../../server/assert.ts'
import { bootImage, deployment, macA } from '../support/boot-fixtures.ts'
import { outline, readIpxeScript } from '../support/ipxe-tokens.ts'

const address = parseIpv4Address('192.168.7.1')
assert(address !== undefined, 'the address of the test is one')
const url = serverUrl(address, 8080)
const context: IpxeScriptContext = { serverUrl: url, macAddress: macA, localBoot: 'exit' }

function boot(change: Partial<Boot> = {}): Boot {
  return {
    kind: 'boot',
    reason: 'required deployment RVL20001',
    rejected: [],
    bootImage: bootImage(),
    deployment: deployment('RVL20001'),
    ...change,
  }
}

const localDisk: BootDecision = { kind: 'continue-to-local-disk', reason: 'a secret reason', rejected: [] }

/** Commands that Debian's iPXE of January 2019 has, as tried one by one. */
const knownCommands = new Set(
  '#!ipxe echo set inc iseq isset goto sleep imgfree kernel initrd boot prompt exit sanboot chain dhcp cpuid'.split(
    ' ',
  ),
)

function commandNames(script: string): readonly string[] {
  return readIpxeScript(script).commands.map(({ words }) => words[0] ?? '')
}

test('S6-021: a required deployment starts without a key', (t) => {
  t.is(
    printIpxeScript(boot(), context),
    `#!ipxe
echo Reveille
echo Boot image RVL00001 Boot image
set reveille-try:int32 0
:fetch
imgfree
kernel --name vmlinuz http://192.168.7.1:8080/boot/images/RVL00001/3/vmlinuz?lane=52-54-00-00-00-0a initrd=initrd.img reveille.server=http://192.168.7.1:8080 BOOTIF=01-52-54-00-00-00-0a || goto again
initrd --name initrd.img http://192.168.7.1:8080/boot/images/RVL00001/3/initrd.img?lane=52-54-00-00-00-0a || goto again
boot || goto again
:again
inc reveille-try
iseq \${reveille-try} 10 && goto local ||
echo Reveille: fetching failed, trying again in 5 seconds
sleep 5
goto fetch
:local
imgfree
echo Going on to the next boot device.
exit
`,
  )
})

test('S6-020, A6-03: an available deployment waits for F12, and without it the next boot device has its turn', (t) => {
  const script = printIpxeScript(boot({ prompt: { seconds: 12 } }), context)
  t.true(
    script.includes(
      '\nprompt --key 0x197e --timeout 12000 Press F12 within 12 seconds to start the deployment || goto local\n',
    ),
  )
})

test('S6-020: a prompt never waits for ever, whatever the setting', (t) => {
  t.regex(printIpxeScript(boot({ prompt: { seconds: 0 } }), context), /--timeout 1000 /)
  t.regex(printIpxeScript(boot({ prompt: { seconds: 1e9 } }), context), /--timeout 3600000 /)
})

test('PX-14, S6-017: nothing to do ends at the disk, and the reason stays with the administrator', (t) => {
  for (const decision of [localDisk, { ...localDisk, kind: 'ignore' } as const]) {
    const script = printIpxeScript(decision, context)
    t.is(script, '#!ipxe\necho Reveille\necho Reveille: Nothing to do.\necho Going on to the next boot device.\nexit\n')
  }
})

test('A07, S6-044: a preference that cannot be honoured shows its public text', (t) => {
  t.regex(
    printIpxeScript({ ...localDisk, publicText: 'SMSTSPreferredAdvertID names RVL20099' }, context),
    /names RVL20099/,
  )
})

const goesOn = test.macro((t, localBoot: IpxeScriptContext['localBoot'], expected: string) => {
  for (const decision of [boot(), localDisk]) {
    t.true(printIpxeScript(decision, { ...context, localBoot }).endsWith(`next boot device.\n${expected}\n`))
  }
  t.true(printDiscoveryScript(url, localBoot).endsWith(`next boot device.\n${expected}\n`))
})

test('I03: the way to the disk is exit', goesOn, 'exit', 'exit')
test('I03: the way to the disk is a failure', goesOn, 'exit-with-error', 'exit 1')
test(
  'I03: the way to the disk is its drive number',
  goesOn,
  'first-disk',
  'sanboot --no-describe --drive 0x80 || exit 1\nexit',
)

test('I04, I01: each fetch falls back to TFTP and to another try, with literal addresses', (t) => {
  const script = printIpxeScript(boot(), { ...context, tftpAddress: address })
  const fetches = readIpxeScript(script).commands.filter(({ words }) => ['kernel', 'initrd'].includes(words[0] ?? ''))
  t.deepEqual(
    fetches.map(({ words, operator }) => [words[0], words[3]?.split('?')[0], operator]),
    [
      ['kernel', 'http://192.168.7.1:8080/boot/images/RVL00001/3/vmlinuz', '||'],
      ['kernel', 'tftp://192.168.7.1/boot/RVL00001/3/vmlinuz', '||'],
      ['initrd', 'http://192.168.7.1:8080/boot/images/RVL00001/3/initrd.img', '||'],
      ['initrd', 'tftp://192.168.7.1/boot/RVL00001/3/initrd.img', '||'],
    ],
  )
})

test('H03, I04, B11: every address in a script is the configured one, as numbers', (t) => {
  const scripts = [printIpxeScript(boot(), { ...context, tftpAddress: address }), printDiscoveryScript(url, 'exit')]
  for (const script of scripts) {
    for (const [, host] of script.matchAll(/[a-z]+:\/\/([^/\s]+)/g)) t.regex(host ?? '', /^192\.168\.7\.1(?::8080)?$/)
  }
})

test('I04: scripts use only commands that the iPXE of 2019 has, and every goto has its label', (t) => {
  const scripts = [
    printIpxeScript(boot({ prompt: { seconds: 5 } }), { ...context, localBoot: 'first-disk' }),
    printIpxeScript(localDisk, context),
    printDiscoveryScript(url, 'first-disk'),
  ]
  for (const script of scripts) {
    t.deepEqual(
      commandNames(script).filter((name) => name !== '' && !knownCommands.has(name)),
      [],
    )
    const { commands, labels } = readIpxeScript(script)
    const targets = commands.filter(({ words }) => words[0] === 'goto').map(({ words }) => words[1] ?? '')
    t.deepEqual(
      targets.filter((target) => !labels.includes(target)),
      [],
    )
    for (const line of script.split('\n')) t.true(line.length < 1_000)
  }
})

test('I02, I05: the first script tells the card that booted, with every free text percent-encoded', (t) => {
  const chain = readIpxeScript(printDiscoveryScript(url, 'exit')).commands.find(({ words }) => words[0] === 'chain')
  t.deepEqual(chain?.words.slice(1), [
    '--replace',
    '--autofree',
    'http://192.168.7.1:8080/boot/script.ipxe?mac=${netX/mac:hexhyp}&uuid=${uuid}' +
      '&platform=${platform}&buildarch=${buildarch}&cpu=${reveille-cpu}&serial=${serial:uristring}',
  ])
})

test('R28, I08: the first script repeats DHCP for longer than a spanning tree blocks a port', (t) => {
  const script = printDiscoveryScript(url, 'exit')
  t.regex(
    script,
    /:address\nisset \$\{netX\/ip\} && goto identify \|\|\ndhcp && goto identify \|\|\ninc reveille-try\niseq \$\{reveille-try\} 10 && goto local \|\|\n.*\nsleep 5\ngoto address\n/,
  )
})

test('PX-15: a machine that comes back five times is told that it loops', (t) => {
  const script = printDiscoveryScript(url, 'exit')
  t.regex(script, /inc reveille-round\niseq \$\{reveille-round\} 6 && goto loop \|\|/)
  t.regex(script, /:loop\necho .* 5 times/)
})

test('PX-15: no script starts another loader', (t) => {
  t.false(commandNames(printIpxeScript(boot(), context)).includes('chain'))
})

const nasty = [
  '\n',
  '\r\n',
  ';',
  '&&',
  ' && ',
  '||',
  ' || reboot ',
  '#',
  ' # ',
  '${',
  '${net0/mac}',
  '}',
  '\0',
  '\u2028',
  '\u2029',
  '\u202e',
  '\\',
  '\\\n',
  '"',
  "'",
  '`',
  '\t',
  '\v',
  '\f',
  '\u0085',
  '\ufeff',
  '\u00a0',
  'shell',
  '\nshell\n',
  ':local',
  '\n:fetch\n',
  '--help',
  '-n',
  'a',
  'Z',
  ' ',
  'é',
  '💥',
  '\ud800',
  'x'.repeat(4_096),
]
const hostileName = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 })
  .map((parts) => parts.join(''))

test('B07: ten thousand hostile names leave every command of the script as it is', (t) => {
  const prompting = (name: string) => boot({ bootImage: bootImage({ name }), prompt: { seconds: 5 } })
  const told = (publicText: string): BootDecision => ({ ...localDisk, publicText })
  const named = {
    boot: outline(printIpxeScript(prompting('A'), { ...context, machineName: 'A' })),
    told: outline(printIpxeScript(told('A'), context)),
  }
  fc.assert(
    fc.property(hostileName, (name) => {
      const script = printIpxeScript(prompting(name), { ...context, machineName: name })
      const message = printIpxeScript(told(name), context)
      return (
        outline(script) === named.boot &&
        outline(message) === named.told &&
        /^[\n\x20-\x7e]*$/.test(script + message) &&
        script.length < 2_000 &&
        // The counter is the only thing that is expanded.
        !script.replaceAll('${reveille-try}', '').includes('${') &&
        !message.includes('${')
      )
    }),
    { numRuns: 10_000 },
  )
  t.pass()
})

test('B08: hostile kernel arguments never reach the script', (t) => {
  const own = (kernelArguments: readonly string[]) => {
    const { commands } = readIpxeScript(printIpxeScript(boot({ bootImage: bootImage({ kernelArguments }) }), context))
    return commands.find(({ words }) => words[0] === 'kernel')?.words.slice(4)
  }
  const base = own([])
  t.deepEqual(base, ['initrd=initrd.img', 'reveille.server=http://192.168.7.1:8080', 'BOOTIF=01-52-54-00-00-00-0a'])
  t.deepEqual(own(['console=ttyS0,115200n8', 'quiet']), [...(base ?? []), 'console=ttyS0,115200n8', 'quiet'])
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(hostileName, fc.constantFrom('init=/bin/sh', 'rdinit=/x', 'console=a init=/bin/sh', 'quiet\ninit=/x')),
      ),
      (args) => {
        const harmless = args.every((argument) => !/^[A-Za-z]/.test(argument))
        const words = own(args) ?? []
        return words.every((word) => !/^(?:rd)?init=/.test(word)) && (!harmless || words.length === base?.length)
      },
    ),
    { numRuns: 2_000 },
  )
})
