#!/bin/sh
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs one host from power-on to power-off, in a mount namespace of its own: all mounts end with its last process.
# Its first act is to join the host's control group. If that is gone, the host has been removed meanwhile.

set -eu
group=$1 place=$2 base=$3 prefix=$4 name=$5 port=$6 shared=$7

echo $$ >"$group/cgroup.procs"
mount -o loop "$place/disk.ext4" "$place/disk"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$place/disk/upper,workdir=$place/disk/work,xino=on" "$place/root"
# systemd-nspawn keeps what it needs for a reboot here, and refuses to clear it away on a disk.
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
ip -n "$prefix" link set "$port" up

# /tmp is on the disk, as on the Red Hat family.
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_TMPFS_TMP=0
while :; do
    code=0
    systemd-nspawn --quiet --boot --directory="$place/root" --machine="$prefix-$name" --hostname="$name" --register=no --keep-unit \
        --bind="$shared" --resolv-conf=off --timezone=off --link-journal=no --network-namespace-path="/run/netns/$prefix-$name" --console=pipe || code=$?
    # 133: the host asked for a reboot.
    [ "$code" = 133 ] || break
done
ip -n "$prefix" link set "$port" down
exit "$code"
