#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The first process of a bastion: its own file system over a shared root, then sshd. Runs in fresh mount, pid, ipc and uts
# namespaces, and in the network namespace of the bastion. What is written lies in memory and ends with it.
# usage: bastion.sh ROOT STATE PORT [REMOVED_PATH...]
#   STATE/etc and STATE/home are copied over the root's; STATE/helm, if it is there, is the program helm
set -euo pipefail
root=$1 state=$2 port=$3
shift 3

mkdir -p "$state/memory"
mount -t tmpfs tmpfs "$state/memory"
new=$state/memory/root
mkdir "$state/memory/upper" "$state/memory/work" "$new"
mount -t overlay -o "lowerdir=$root,upperdir=$state/memory/upper,workdir=$state/memory/work" overlay "$new"
cp -r "$state/etc" "$new/"
cp -r "$state/home" "$new/"
chroot "$new" chown -R holmes: /home/holmes
if [ -e "$state/helm" ]; then
  touch "$new/usr/local/bin/helm"
  mount --bind "$state/helm" "$new/usr/local/bin/helm"
fi
for path; do rm -rf "$new"/$path; done # a pattern

mount -t proc proc "$new/proc"
mount -t tmpfs -o mode=755 tmpfs "$new/dev"
for device in null zero random urandom tty; do
  touch "$new/dev/$device"
  mount --bind "/dev/$device" "$new/dev/$device"
done
mkdir "$new/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$new/dev/pts"
ln -s pts/ptmx "$new/dev/ptmx"
mkdir -p "$new/run/sshd" "$new/old"

hostname bastion
cd "$new"
pivot_root . old
exec chroot . /bin/sh -c "umount -l /old && rmdir /old && exec /usr/sbin/sshd -D -e -p $port" </dev/null
