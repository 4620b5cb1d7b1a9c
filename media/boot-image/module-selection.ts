/**
 * Which kernel modules go into a boot image, as path prefixes below `kernel/`; what they need comes with them.
 * `full` drives real machines: every network card, disk controller and keyboard that Debian's kernel knows and
 * that can stand between a machine and its disk. `virtual` drives what QEMU and the common hypervisors emulate.
 * Sound, graphics beyond the firmware's screen, radio, and file systems no step writes are in neither.
 */

import type { BootImageVariant } from './boot-image-options.ts'

export interface ModuleSelection {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** Both variants need these: DHCP uses packet sockets, images are read from these file systems. */
const always = [
  'net/packet/af_packet.ko',
  // A person at a medium may name a VLAN.
  'net/8021q/',
  'drivers/block/loop.ko',
  'drivers/cdrom/cdrom.ko',
  'drivers/scsi/sr_mod.ko',
  'fs/ext4/',
  'fs/fat/',
  // ntfs-3g.
  'fs/fuse/fuse.ko',
  'fs/isofs/',
  'fs/nls/nls_ascii.ko',
  'fs/nls/nls_cp437.ko',
  'fs/nls/nls_iso8859-1.ko',
  'fs/nls/nls_utf8.ko',
  'fs/efivarfs/',
  'fs/overlayfs/',
  'fs/squashfs/',
  // Shared folders; newer kernels have them below smb.
  'fs/cifs/',
  'fs/smb/client/',
  'fs/nfs/nfs.ko',
  'fs/nfs/nfsv3.ko',
  'fs/nfs/nfsv4.ko',
  'drivers/md/dm-crypt.ko',
  // The kernel asks for these by the name of the algorithm: checksums of file systems, shared folders, encrypted volumes.
  'arch/x86/crypto/',
  'crypto/',
]

export const moduleSelections: Readonly<Record<BootImageVariant, ModuleSelection>> = {
  virtual: {
    include: [
      ...always,
      'drivers/net/virtio_net.ko',
      'drivers/net/vmxnet3/',
      'drivers/net/ethernet/intel/e1000/',
      'drivers/net/ethernet/intel/e1000e/',
      'drivers/net/ethernet/realtek/8139cp.ko',
      'drivers/virtio/',
      'drivers/block/virtio_blk.ko',
      'drivers/char/hw_random/virtio-rng.ko',
      'drivers/scsi/virtio_scsi.ko',
      'drivers/scsi/sd_mod.ko',
      'drivers/ata/ahci.ko',
      'drivers/ata/ata_piix.ko',
      'drivers/nvme/host/nvme.ko',
      'drivers/usb/host/ehci-pci.ko',
      'drivers/usb/host/uhci-hcd.ko',
      'drivers/usb/host/xhci-pci.ko',
      'drivers/usb/storage/usb-storage.ko',
      'drivers/usb/storage/uas.ko',
      'drivers/hid/usbhid/usbhid.ko',
      'drivers/hid/hid-generic.ko',
    ],
    exclude: ['drivers/virtio/virtio_dma_buf.ko', 'drivers/virtio/virtio_mem.ko', 'crypto/tcrypt.ko'],
  },
  full: {
    include: [
      ...always,
      'block/',
      'drivers/ata/',
      'drivers/block/',
      'drivers/char/hw_random/',
      'drivers/hid/hid-generic.ko',
      'drivers/hid/hid-hyperv.ko',
      'drivers/hid/usbhid/',
      'drivers/hv/',
      'drivers/input/serio/hyperv-keyboard.ko',
      'drivers/md/',
      'drivers/message/fusion/',
      'drivers/mmc/',
      'drivers/net/ethernet/',
      'drivers/net/hyperv/',
      'drivers/net/mdio',
      'drivers/net/pcs/',
      'drivers/net/phy/',
      'drivers/net/usb/',
      'drivers/net/virtio_net.ko',
      'drivers/net/vmxnet3/',
      'drivers/net/xen-netfront.ko',
      'drivers/net/bonding/',
      'drivers/nvme/host/',
      'drivers/pci/',
      'drivers/scsi/',
      'drivers/usb/common/',
      'drivers/usb/host/',
      'drivers/usb/storage/',
      'drivers/usb/typec/',
      'drivers/virtio/',
      'fs/btrfs/',
      'fs/fuse/',
      'fs/udf/',
      'fs/xfs/',
      'lib/',
    ],
    // Targets, test drivers and cards of other computers.
    exclude: [
      'drivers/block/drbd/',
      'drivers/block/zram/',
      'drivers/block/rnbd/',
      'drivers/block/rbd.ko',
      'drivers/net/ethernet/chelsio/inline_crypto/',
      'drivers/net/usb/r8153_ecm.ko',
      'drivers/net/usb/qmi_wwan.ko',
      'drivers/net/usb/hso.ko',
      'drivers/scsi/scsi_debug.ko',
      'drivers/scsi/pcmcia/',
      'drivers/ata/pata_pcmcia.ko',
      'lib/test',
      'crypto/tcrypt.ko',
    ],
  },
}
