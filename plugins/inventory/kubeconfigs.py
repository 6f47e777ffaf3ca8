# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: E402  # Ansible wants the documentation before the imports.

"""Makes a host of every kubeconfig in a folder."""

from __future__ import annotations

DOCUMENTATION = r"""
name: kubeconfigs
short_description: A host for every kubeconfig in a folder
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Makes a host of every kubeconfig in a folder, with its name. A folder in the folder is a site, and becomes a group.
  - No cluster is asked. Files may be encrypted with ansible-vault.
  - Hidden files, and those that Ansible ignores in a folder of inventories, such as C(README.md), are left out. Any
    other file that is no kubeconfig is an error, because a cluster that is silently missing is worse.
extends_documentation_fragment:
  - constructed
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [holmesgpt.onprem.kubeconfigs]
  directory:
    description: The folder. A relative path starts where the file of this configuration is.
    type: str
    required: true
  contexts:
    description:
      - V(current) makes one host of each file, for its current context, or for its only one.
      - V(all) makes a host of each context, named C(FILE_CONTEXT) where a file has several.
    type: str
    choices: [current, all]
    default: current
notes:
  - The file of the configuration must be named C(*.kubeconfigs.yml) or C(*.kubeconfigs.yaml).
  - Each host has the variables C(holmes_kubeconfig), C(holmes_kube_context) and, for groups of your own,
    C(kubeconfig_server), the URL of its API server.
"""

EXAMPLES = r"""
---
# fleet.kubeconfigs.yml: clusters/seoul/prod.yaml becomes the host prod in the group seoul.
plugin: holmesgpt.onprem.kubeconfigs
directory: clusters
---
# A host of each context, and groups by the names of contexts.
plugin: holmesgpt.onprem.kubeconfigs
directory: /etc/holmes/clusters
contexts: all
groups:
  production: "'prod' in holmes_kube_context"
"""

import os
import typing as t

from ansible import constants, template
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._kubeconfig_folder import Cluster, clusters

# Before ansible-core 2.19 every text is a template, unless it is marked.
MARKED = not hasattr(template, "trust_as_template")


def untrusted(text: str) -> t.Any:
    """A text out of a file, which Ansible must not take for a template."""
    return wrap_var(text) if MARKED else text


class InventoryModule(BaseInventoryPlugin, Constructable):  # type: ignore[misc]
    """Reads the configuration and the folder."""

    NAME = "holmesgpt.onprem.kubeconfigs"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith((".kubeconfigs.yml", ".kubeconfigs.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        here = os.path.dirname(os.path.abspath(path))
        folder = os.path.join(here, os.path.expanduser(self.get_option("directory")))
        try:
            ignored = tuple(constants.INVENTORY_IGNORE_EXTS)
            for cluster in clusters(folder, self.get_option("contexts") == "all", self._data, ignored):
                self._add(cluster)
        except HolmesError as error:
            raise AnsibleParserError(error.as_result()["msg"]) from None

    def _add(self, cluster: Cluster) -> None:
        host = self.inventory.add_host(cluster.name)
        if cluster.site:
            site = self.inventory.add_group(self._sanitize_group_name(cluster.site))
            self.inventory.add_host(host, group=site)
        variables = {
            "holmes_kubeconfig": cluster.path,
            "holmes_kube_context": cluster.context,
            "kubeconfig_server": cluster.server,
        }
        for name, text in variables.items():
            self.inventory.set_variable(host, name, untrusted(text))
        known, strict = self.inventory.get_host(host).get_vars(), self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), known, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), known, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, host, strict=strict)

    def _data(self, path: str) -> t.Any:
        """What is in a file; a file that is no YAML has no data."""
        try:
            return self.loader.load_from_file(path, cache="none")
        except AnsibleError as error:
            # Ansible's own message repeats lines of the file, in which there are tokens.
            if "vault" in str(error).lower() or "decrypt" in str(error).lower():
                message = f"The kubeconfig '{path}' is encrypted, and no vault password of this run opens it."
                raise HolmesError(message, "Give it with --vault-password-file.") from None
            return None
