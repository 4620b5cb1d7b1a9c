/** Texts of the applied system: fstab, network, boot loader, host names. */

import test from 'ava'
import { newestKernel, parseBootOrder, printGrubConfiguration } from '../../bootstrap/boot-loader-files.ts'
import {
  mergePartitions,
  parseFormattedPartitions,
  printFormattedPartitions,
  systemPartition,
  type FormattedPartition,
} from '../../bootstrap/formatted-partitions.ts'
import { printFstab, volumePlaces } from '../../bootstrap/fstab.ts'
import {
  cardOf,
  faultsOfNetworkSettings,
  printIfupdownFiles,
  printNetworkdFiles,
  printResolvConf,
} from '../../bootstrap/network-files.ts'
import { printJoinUnit } from '../../bootstrap/first-start-join.ts'
import { hostsWith } from '../../bootstrap/steps/apply-windows-settings.ts'
import type { ApplyNetworkSettings, NetworkAdapter } from '../../server/sequence/step-types/apply-network-settings.ts'
import { actionOf } from '../support/actions.ts'

const efi: FormattedPartition = { device: '/dev/sda1', use: 'efi', fileSystem: 'fat32', uuid: '1A2B-3C4D' }
const root: FormattedPartition = { device: '/dev/sda2', use: 'primary', fileSystem: 'ext4', uuid: 'aaaa' }
const swap: FormattedPartition = { device: '/dev/sda3', use: 'swap', fileSystem: 'none', uuid: 'bbbb' }
const boot: FormattedPartition = { device: '/dev/sda4', use: 'bios-boot', fileSystem: 'none' }

test('fstab names the places of other volumes', (t) => {
  const text = '# comment\nUUID=1 / ext4 defaults 0 1\n/dev/sdb1\t/srv/my\\040files/ xfs\nUUID=2 none swap sw 0 0\n\n'
  t.deepEqual(volumePlaces(text), ['srv/my files'])
})

test('fstab names partitions by UUID', (t) => {
  t.is(
    printFstab(root, [efi, swap, boot]),
    `# Written by Reveille when the operating system was applied.
UUID=aaaa / ext4 errors=remount-ro 0 1
UUID=1A2B-3C4D /boot/efi vfat umask=0077,nofail 0 2
UUID=bbbb none swap sw 0 0
`,
  )
})

test('S1-057: formatted partitions come back from their variable', (t) => {
  const all = [efi, root, swap, boot]
  t.deepEqual(parseFormattedPartitions(printFormattedPartitions(all)), all)
  t.is(systemPartition(all), root)
  t.deepEqual(parseFormattedPartitions('nonsense; /dev/sda1 efi'), [])
})

test('formatting a disk again forgets its old partitions and keeps those of others', (t) => {
  const other = { ...root, device: '/dev/sdaa1' }
  t.deepEqual(mergePartitions([efi, root, other], [swap], '/dev/sda'), [other, swap])
})

function settings(adapters: readonly Partial<NetworkAdapter>[], dnsDomain = ''): ApplyNetworkSettings {
  const action = actionOf({ type: 'apply-network-settings' })
  return { ...action, adapters: adapters.map((adapter) => ({ ...plainAdapter, ...adapter })), dnsDomain }
}

const plainAdapter: NetworkAdapter = {
  name: '',
  macAddress: '',
  dhcp: false,
  addresses: [],
  gateways: [],
  dnsServers: [],
  dnsDomain: '',
  registerInDns: true,
  registerWithDomain: false,
  netbios: 'dhcp',
  winsServers: [],
}

const fixed: NetworkAdapter = {
  ...plainAdapter,
  dhcp: false,
  addresses: ['192.168.7.20/24', 'fd00::20/64'],
  gateways: ['192.168.7.1'],
  dnsServers: ['192.168.7.53'],
}
const cards = [{ name: 'net0', macAddress: '52:54:00:00:00:01' }]

test('networkd knows a card by its address', (t) => {
  t.deepEqual(printNetworkdFiles(settings([fixed], 'example.org'), cards), [
    {
      path: 'etc/systemd/network/50-reveille-0.network',
      text: `[Match]
MACAddress=52:54:00:00:00:01

[Network]
DHCP=no
Address=192.168.7.20/24
Address=fd00::20/64
Gateway=192.168.7.1
DNS=192.168.7.53
Domains=example.org
`,
    },
  ])
})

test('without adapters every card uses DHCP', (t) => {
  t.is(printNetworkdFiles(settings([]), cards)[0]?.text, '[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n')
})

test('ifupdown gets names that a link file makes true', (t) => {
  const files = printIfupdownFiles(settings([fixed]), cards)
  t.deepEqual(
    files.map(({ path }) => path),
    ['etc/systemd/network/10-reveille-net0.link', 'etc/network/interfaces'],
  )
  t.is(files[0]?.text, '[Match]\nMACAddress=52:54:00:00:00:01\n\n[Link]\nName=net0\n')
  t.is(
    files[1]?.text,
    `auto lo
iface lo inet loopback

allow-hotplug net0
iface net0 inet static
  address 192.168.7.20/24
  gateway 192.168.7.1
  dns-nameservers 192.168.7.53
iface net0 inet6 static
  address fd00::20/64

`,
  )
})

test('resolv.conf is written only when there are name servers', (t) => {
  t.is(printResolvConf(settings([fixed], 'example.org')), 'search example.org\nnameserver 192.168.7.53\n')
  t.is(printResolvConf(settings([])), undefined)
})

test('each wrong address is a fault with its place', (t) => {
  const bad: NetworkAdapter = {
    ...plainAdapter,
    dhcp: false,
    addresses: ['192.168.7.20', '1.2.3.4/33', 'fe80::1%eth0/64'],
    gateways: ['x\nDNS=1.1.1.1'],
    dnsServers: [],
  }
  t.is(faultsOfNetworkSettings(settings([bad, fixed], 'bad domain'), cards).length, 6)
  t.deepEqual(faultsOfNetworkSettings(settings([fixed], 'example.org'), cards), [])
  t.regex(faultsOfNetworkSettings(settings([{ ...fixed, addresses: [] }]), cards).join(), /neither DHCP nor an address/)
})

test('S2-072: a card is known by its address or its number, and has settings once', (t) => {
  const two = [...cards, { name: 'net1', macAddress: '52:54:00:00:00:02' }]
  const second = { ...fixed, macAddress: '52-54-00-00-00-02' }
  t.is(cardOf(second, 0, two)?.name, 'net1')
  t.is(cardOf({ ...fixed, cardNumber: 1 }, 0, two)?.name, 'net1')
  t.is(cardOf(fixed, 0, two)?.name, 'net0')
  t.regex(faultsOfNetworkSettings(settings([second, fixed]), two).join(), /adapter 1: its card has settings already/)
  t.regex(faultsOfNetworkSettings(settings([{ ...fixed, cardNumber: 7 }]), two).join(), /there is no card 7/)
})

test('S2-072: names are looked for in the domain of the card, of the machine, and in further ones', (t) => {
  const action = { ...settings([{ ...fixed, dnsDomain: 'lab.org' }], 'example.org'), dnsSuffixes: ['example.com'] }
  t.regex(printNetworkdFiles(action, cards)[0]?.text ?? '', /Domains=lab\.org example\.org example\.com\n/)
  t.regex(printIfupdownFiles(action, cards)[1]?.text ?? '', / {2}dns-search lab\.org example\.org example\.com\n/)
  t.regex(printResolvConf(action) ?? '', /^search example\.org example\.com\n/)
})

test('S2-072: the unit that joins a domain holds no password and nothing that it could be led astray by', (t) => {
  const action = {
    ...settings([]),
    domainName: 'example.org',
    account: 'EX AMPLE\\join $me "100%"',
    ouName: 'LDAP://OU=My Computers,DC=example,DC=org',
    password: 'swordfish',
  }
  t.is(
    printJoinUnit(action).text,
    `[Unit]
Description=Join the domain (Reveille)
Wants=network-online.target
After=network-online.target
Before=reveille-agent.service
ConditionPathExists=/var/lib/reveille/join-password

[Service]
Type=oneshot
StandardInput=file:/var/lib/reveille/join-password
ExecStart=/usr/sbin/realm join --unattended "--user=join $$me \\"100%%\\"" "--computer-ou=OU=My Computers,DC=example,DC=org" -- example.org
ExecStopPost=/bin/rm -f /var/lib/reveille/join-password /etc/systemd/system/reveille-join-domain.service /etc/systemd/system/multi-user.target.wants/reveille-join-domain.service

[Install]
WantedBy=multi-user.target
`,
  )
})

test('the newest kernel starts, with the initial RAM disk of its version', (t) => {
  const names = [
    'vmlinuz-6.1.0-9-amd64',
    'vmlinuz-6.1.0-56-amd64',
    'initrd.img-6.1.0-56-amd64',
    'config-6.1.0-56-amd64',
    'vmlinuz-0-rescue',
  ]
  t.deepEqual(newestKernel(names), { kernel: 'vmlinuz-6.1.0-56-amd64', initrd: 'initrd.img-6.1.0-56-amd64' })
  t.deepEqual(newestKernel(['vmlinuz']), { kernel: 'vmlinuz', initrd: undefined })
  t.is(newestKernel(['grub']), undefined)
})

test('grub.cfg speaks to the screen and to the serial port', (t) => {
  const text = printGrubConfiguration(root, { kernel: 'vmlinuz-6', initrd: 'initrd.img-6' })
  t.regex(text, /search --no-floppy --fs-uuid --set=root aaaa\n/)
  t.regex(
    text,
    / {2}linux \/boot\/vmlinuz-6 root=UUID=aaaa ro console=tty0 console=ttyS0,115200\n {2}initrd \/boot\/initrd.img-6\n\}/,
  )
  t.notRegex(printGrubConfiguration(root, { kernel: 'vmlinuz', initrd: undefined }), /initrd/)
})

test('the boot order and our own entries are found in the list of the firmware', (t) => {
  const text = `BootCurrent: 0001
BootOrder: 0001,0000
Boot0000* UiApp\tFvVol(x)
Boot0001* UEFI PXEv4\tPciRoot(0x0)
Boot0003* reveille\tHD(1,GPT,x)/File(\\EFI\\reveille\\grubx64.efi)
`
  t.deepEqual(parseBootOrder(text, 'reveille'), { order: ['0001', '0000'], ours: ['0003'] })
})

test('the host file keeps its other lines', (t) => {
  t.is(
    hostsWith('127.0.0.1 localhost\n127.0.1.1 old\n10.0.0.1 other\n', 'pc1.example.org'),
    '127.0.0.1 localhost\n10.0.0.1 other\n127.0.1.1 pc1.example.org pc1\n',
  )
  t.is(hostsWith('', 'pc1'), '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 pc1\n')
})
