#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Loads the images below /lab/images into the containerd of the node's root at /lab/root and packs that root.
# Runs on a private host; containerd is the node's own, started for this only.
set -euo pipefail
root=/lab/root socket=/run/preload.sock
"$root/usr/bin/containerd" --root "$root/var/lib/containerd" --state /run/preload --address $socket &
daemon=$!
ctr=("$root/usr/bin/ctr" --address $socket --namespace k8s.io)
for _ in $(seq 100); do
  "${ctr[@]}" version >/dev/null 2>&1 && break
  sleep 0.1
done
for archive in /lab/images/*.tar; do
  "${ctr[@]}" images import "$archive"
done
kill $daemon
wait $daemon || true
tar --numeric-owner -C "$root" -cf /lab/root.tar .
