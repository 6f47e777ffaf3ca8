#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The first process of the private host. Runs in fresh mount, net, ipc, uts, pid and cgroup namespaces.
# usage: host.sh ROOT STATE CACHE NODE_IMAGE INIT NAME CGROUP_MOUNT=GROUP...
#   ROOT   Debian root, read-only below an overlay         STATE       directory of this lab, /lab inside
#   CACHE  its bin and made are /opt/lab/{bin,made} inside NODE_IMAGE  podman store with the node image, or -
#   INIT   program that becomes process 1                  NAME        host name
set -euo pipefail
root=$1 state=$2 cache=$3 image=$4 init=$5 name=$6
shift 6

new=$state/host/merged
mount -t overlay -o "lowerdir=$root,upperdir=$state/host/upper,workdir=$state/host/work" overlay "$new"
mount --bind "$state" "$new/lab"
mount --bind "$state/store" "$new/var/lib/containers" # podman's overlays cannot lie on an overlay
for part in bin made; do # links in bin lead to ../made
  mount --bind "$cache/$part" "$new/opt/lab/$part"
  mount -o remount,bind,ro "$new/opt/lab/$part"
done
if [ "$image" != - ]; then
  mount --bind "$image" "$new/var/lib/node-image"
  mount -o remount,bind,ro "$new/var/lib/node-image"
fi
cp "$init" "$new/sbin/lab-init"

mount -t proc proc "$new/proc"
mount -t sysfs sysfs "$new/sys" # the new network's view, so it must be mounted in here
mount --rbind /dev "$new/dev"
mount -t tmpfs -o mode=755 tmpfs "$new/run"
mount -t tmpfs -o mode=1777 tmpfs "$new/tmp"
# of the control groups, the lab sees its own and takes them for the root
first=${1%%=*}
if [ "$first" = /sys/fs/cgroup ]; then
  mount --bind "${1#*=}" "$new/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$new/sys/fs/cgroup"
  for pair; do
    mkdir -p "$new${pair%%=*}"
    mount --bind "${pair#*=}" "$new${pair%%=*}"
  done
fi

ip link set lo up
hostname "$name"
cd "$new"
pivot_root . machine
exec chroot . sh -c 'umount -l /machine && : > /run/lab-ready && exec /sbin/lab-init' </dev/null
