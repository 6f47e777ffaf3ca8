# SPDX-License-Identifier: GPL-3.0-or-later
"""Every version that the lab pins, and the names of its site, at one place."""

from __future__ import annotations

KIND = "v0.33.0"
KUBERNETES = "v1.35.4"
COREDNS = "v1.13.1"  # the tag that kubeadm 1.35 asks for
ETCD_TAG = "3.6.6-0"  # the tag that kubeadm 1.35 asks for; the binary is the one Kubernetes' go.mod names (3.6.5)
PAUSE_TAG = "3.10.1"  # likewise
LOCAL_PATH = "v0.0.30"
HELM3 = "v3.22.0"
HELM4 = "v4.3.1"
HELM3_KUBERNETES = "1.37"  # of the k8s.io modules in its go.mod, as in its own Makefile
DEBIAN = "bookworm"

# the default of kind v0.33.0, for machines whose Docker or Podman can pull it (a newer Kubernetes than the built one)
PUBLISHED_NODE_IMAGE = (
    "docker.io/kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"
)
# the site's services where Docker or Podman runs them: program -> (image, entrypoint)
SERVICE_IMAGES = {
    "coredns": (f"docker.io/coredns/coredns:{COREDNS.removeprefix('v')}", "/coredns"),
    "docker-registry": ("docker.io/library/registry:2.8.3", "registry"),
    "nginx": ("docker.io/library/nginx:1.28-alpine", "nginx"),
    "curl": ("docker.io/library/nginx:1.28-alpine", "curl"),
    "sleep": ("docker.io/library/nginx:1.28-alpine", "sleep"),
    "htpasswd": ("docker.io/library/httpd:2.4-alpine", "htpasswd"),
    "skopeo": ("quay.io/skopeo/stable:v1.18", "skopeo"),
}
BUILT_NODE_IMAGE = f"localhost/kindest/node:{KUBERNETES}"

SITE_DOMAIN = "site.internal"
REGISTRY_NAME = f"registry.{SITE_DOMAIN}"
CHARTS_NAME = f"charts.{SITE_DOMAIN}"
# no service of the lab: a name for a model server that a test runs outside the cluster
MODELS_NAME = f"models.{SITE_DOMAIN}"
REGISTRY_PORT = 5000
CHARTS_PORT = 8443
API_PORT = 6443
REGISTRY = f"{REGISTRY_NAME}:{REGISTRY_PORT}"
CHARTS_URL = f"https://{CHARTS_NAME}:{CHARTS_PORT}"
REGISTRY_USER = "site-puller"
