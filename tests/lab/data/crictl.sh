#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Stand-in for crictl, which is no Go module that can be built. kind calls two things only:
#   crictl inspecti NAME|ID   -> {"status": {"id": ..., "repoTags": [...]}}, exit code 1 when there is no such image
#   crictl images             -> a list to read
list=$(ctr -n k8s.io images ls)
if [ "$1" != inspecti ]; then
  echo "$list"
  exit
fi
echo "$list" | awk -v wanted="$2" '
  NR > 1 { digest[$1] = $3 }
  END {
    count = split(" |docker.io/|docker.io/library/|sha256:", prefix, "|")
    for (i = 1; i <= count && !found; i++) {
      sub(/^ $/, "", prefix[i])
      found = digest[prefix[i] wanted]
    }
    if (!found) {
      print "no such image: " wanted > "/dev/stderr"
      exit 1
    }
    for (name in digest) {
      if (digest[name] != found) continue
      if (name ~ /^sha256:/) id = name
      else if (name !~ /@/) tags = tags (tags ? "," : "") "\"" name "\""
    }
    printf "{\"status\":{\"id\":\"%s\",\"repoTags\":[%s]}}\n", id, tags
  }'
