#!/bin/sh
# Last changes to the root file system before it is packed; mmdebstrap gives its folder as the argument.
set -eu
root=$1

# The network works without a word from the task sequence; a file that sorts earlier wins over this one.
cat >"$root/etc/systemd/network/90-default.network" <<'END'
[Match]
Type=ether
Kind=!*

[Network]
DHCP=yes
END
chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
echo debian >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost ip6-localhost\n' >"$root/etc/hosts"
# Identity comes with the first start of each machine.
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed" "$root"/etc/ssh/ssh_host_*
# Traces of the build, and what the kernel package leaves behind for its own removal.
# Not /tmp: the settings of apt that lie there until mmdebstrap has cleaned up keep it from cleaning this machine instead.
rm -rf "$root"/var/log/* "$root"/var/cache/* "$root"/run/*
rm -f "$root"/etc/*- "$root"/boot/System.map-* "$root"/var/lib/dpkg/*-old
# Descriptions of devices for desktops, 20 MB of them.
rm -rf "$root/usr/lib/udev/hwdb.bin" "$root/usr/lib/udev/hwdb.d"
