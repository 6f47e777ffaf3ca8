#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stand-in for kindnetd, which is no Go module. One pass, called again and again by the DaemonSet in cni.yaml, which has
# changed its root into the node: writes the node's CNI configuration, a route to every other node's pods, and the rule
# that hides pod addresses from everything outside the pod network. It enforces no NetworkPolicy.
# stdin: a token for the API server, which must not appear in an argument list
# environment: POD_SUBNET HOSTNAME KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT
set -u
conf=/etc/cni/net.d/10-kindnet.conflist

rule=(POSTROUTING -s "$POD_SUBNET" ! -d "$POD_SUBNET" -m addrtype ! --dst-type LOCAL -j MASQUERADE)
iptables -w -t nat -C "${rule[@]}" 2>/dev/null || iptables -w -t nat -A "${rule[@]}"

config=/run/lab-cni.kubeconfig
(umask 077 && cat >$config) <<END
{"apiVersion": "v1", "kind": "Config", "current-context": "c",
 "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
 "users": [{"name": "u", "user": {"token": "$(cat)"}}],
 "clusters": [{"name": "c", "cluster": {"certificate-authority": "/etc/kubernetes/pki/ca.crt",
   "server": "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT"}}]}
END

nodes() {
  kubectl --kubeconfig=$config --request-timeout=5s get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}'
}

nodes | while read -r name cidr address; do
  [ -n "$address" ] || continue
  if [ "$name" != "$HOSTNAME" ]; then
    ip route replace "$cidr" via "$address"
  elif [ ! -f $conf ]; then
    cat >$conf.part <<END
{"cniVersion": "0.4.0", "name": "kindnet", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$cidr"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
    mv $conf.part $conf
  fi
done
