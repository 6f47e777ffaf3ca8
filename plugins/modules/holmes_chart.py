#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_chart
short_description: Fetch a chart from a repository, an OCI registry or the control node into one file
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Fetches a chart with the host's own Helm, 3 or 4, from a chart repository or from an OCI registry, or takes an
    archive from the control node.
  - The log-in travels in files of a private folder, not in an argument list. Helm's settings, caches and log-ins lie
    there as well; all of it is gone afterwards.
  - A failure is one sentence that names the host, the chart and the variable of the role holmes to change.
  - What only the network is at fault for is tried three times.
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
options:
  repo_url:
    description:
      - Where the chart is. C(https://HOST/PATH) is a repository with an C(index.yaml), C(oci://HOST/PATH) a registry.
      - The name of the chart is not part of it.
    type: str
  archive:
    description:
      - Path of an archive on the control node instead, looked for as Ansible looks for files, decrypted if needed.
    type: path
  content:
    description: That archive in base64. Filled in on the control node.
    type: str
  repo_name:
    description: What Helm calls the repository. Without meaning for a registry.
    type: str
    default: site
  name:
    description: Name of the chart.
    type: str
    default: holmes
  version:
    description:
      - Version of the chart, or a range as Helm knows it, such as V(>=0.40 <0.50).
      - Without it the newest one, for which the account must be allowed to list the tags of a registry.
    type: str
  username:
    description: User of the repository or registry.
    type: str
  password:
    description:
      - Password for it. Everything but text is refused.
      - Taken as it is, because Ansible prints a value of a wrong type even of an option that it does not log.
    type: raw
  ca_file:
    description:
      - Path on the host of the certificate authority, PEM. Helm then trusts no others.
      - Without it those of the system.
    type: path
  helm_binary:
    description: Name or path of Helm on the host.
    type: path
    default: helm
  work_dir:
    description: A folder on the host that only this user can read, for the time of the task. Without it Ansible's own.
    type: path
  dest:
    description: Path on the host of the archive to write, with mode 0600.
    type: path
    required: true
seealso:
  - module: holmesgpt.onprem.holmes_values
  - module: kubernetes.core.helm_pull
"""

EXAMPLES = r"""
- name: From a chart repository
  holmesgpt.onprem.holmes_chart:
    repo_url: https://charts.example/stable
    name: holmes
    version: 0.45.0
    ca_file: /etc/pki/site-ca.crt
    dest: /srv/holmes.tgz

- name: From an OCI registry with a log-in
  holmesgpt.onprem.holmes_chart:
    repo_url: oci://registry.example:5000/charts
    name: holmes
    version: 0.45.0
    username: reader
    password: "{{ vault_chart_repo_password }}"
    ca_file: /etc/pki/site-ca.crt
    dest: /srv/holmes.tgz
  register: chart

- name: From a transfer medium at the control node
  holmesgpt.onprem.holmes_chart:
    archive: /media/transfer/holmes-0.45.0.tgz
    dest: /srv/holmes.tgz

- name: Values for it
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes.tgz
    chart_sha256: "{{ chart.sha256 }}"
    values_files: [/srv/values.yaml]
"""

RETURN = r"""
sha256:
  description: sha256 of the archive.
  returned: success
  type: str
  sample: 2ba65f31524ff2842d0f7a3bfb7c7a3d3d8a1dbb6a6c0b3f6e4d2a1c0b9f8e7d
dest:
  description: Where the archive is.
  returned: success
  type: str
  sample: /srv/holmes.tgz
kind:
  description: What went wrong, in one word, such as V(login), V(untrusted), V(version) or V(network).
  returned: when Helm could not fetch the chart
  type: str
  sample: version
endpoint:
  description: The server it could not be fetched from, as other hosts of the run may know it.
  returned: when Helm could not fetch the chart
  type: str
  sample: charts.example:8443
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_kept, _chart_source
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source_wanted import source_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError


def fetch(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result; raises HolmesError."""
    params = module.params
    if params["archive"]:
        if not params["content"]:
            raise HolmesError(f"The archive '{params['archive']}' is empty.", "Copy it anew to the control node.")
        return _result(
            params["dest"], *_chart_kept.keep(params["content"], params["dest"], write=not module.check_mode)
        )
    source = source_of(params)
    if source.password:
        # Also one that stood in the URL.
        module.no_log_values.add(source.password)
    helm = module.get_bin_path(params["helm_binary"])
    if not helm:
        raise HolmesError(f"'{params['helm_binary']}' was not found on this host.", "Set holmes_helm_binary.")
    dest = params["dest"]
    chart = _chart_source.Fetch(source, helm, params["work_dir"] or module.tmpdir)
    return _result(dest, *chart.into(dest, write=not module.check_mode))


def _result(dest: str, before: str, after: str) -> dict[str, t.Any]:
    """``before`` and ``after`` are digests; the first is empty if there was nothing."""
    diff = {
        "before": f"{before}\n" if before else "",
        "after": f"{after}\n",
        "before_header": dest,
        "after_header": dest,
    }
    return {"changed": before != after, "sha256": after, "dest": dest, "diff": diff}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "repo_url": {"type": "str"},
            "archive": {"type": "path"},
            "content": {"type": "str", "no_log": True},
            "repo_name": {"type": "str", "default": "site"},
            "name": {"type": "str", "default": "holmes"},
            "version": {"type": "str"},
            "username": {"type": "str"},
            "password": {"type": "raw", "no_log": True},
            "ca_file": {"type": "path"},
            "helm_binary": {"type": "path", "default": "helm"},
            "work_dir": {"type": "path"},
            "dest": {"type": "path", "required": True},
        },
        supports_check_mode=True,
        required_one_of=[("repo_url", "archive")],
        mutually_exclusive=[("repo_url", "archive")],
    )
    try:
        module.exit_json(**fetch(module))
    except HolmesError as error:
        module.fail_json(**error.as_result())


if __name__ == "__main__":
    main()
