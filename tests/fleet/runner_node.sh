#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The first process of an execution node. Runs behind the gap, in fresh mount, net, ipc, uts and pid namespaces.
# usage: runner_node.sh ROOT USER STATE AUTHORITY PROGRAM... -- FOLDER...
#   ROOT      Debian root, read-only below an overlay     USER   of it, who may log in
#   STATE     folder with the keys; the rest of the node is in memory
#   AUTHORITY certificate, where the execution environment has it    PROGRAM  linked into PATH    FOLDER  seen there as here
set -eu
root=$1 user=$2 state=$3 authority=$4
shift 4

mount -t tmpfs -o mode=755 tmpfs "$state/memory"
mkdir "$state/memory/upper" "$state/memory/work" "$state/memory/node"
new=$state/memory/node
mount -t overlay -o "lowerdir=$root,upperdir=$state/memory/upper,workdir=$state/memory/work" overlay "$new"
while [ "$1" != -- ]; do
  ln -s "$1" "$new/usr/local/bin/"
  shift
done
shift
for folder; do
  mkdir -p "$new$folder"
  mount --bind "$folder" "$new$folder"
  mount -o remount,bind,ro "$new$folder"
done
chmod 755 "$new/root" # the folders may be below it
mount -t proc proc "$new/proc"
mount --rbind /dev "$new/dev"
mount -t tmpfs -o mode=755 tmpfs "$new/run"
mount -t tmpfs -o mode=1777 tmpfs "$new/tmp"
# The names of the site: they lie over the machine's here already.
cp /etc/hosts /etc/resolv.conf "$new/etc/"
mkdir -p "$new/etc/pki" "$new/run/sshd" "$new/home/$user/.ssh"
cp "$authority" "$new/etc/pki/site-ca.crt"
cp "$state/host_key" "$new/etc/ssh/host_key"
cp "$state/key.pub" "$new/home/$user/.ssh/authorized_keys"
chroot "$new" chown -R "$user:" "/home/$user"
ip link set lo up
hostname node
exec chroot "$new" /usr/sbin/sshd -D -e -h /etc/ssh/host_key -o PasswordAuthentication=no -o PidFile=none -o UsePAM=no
