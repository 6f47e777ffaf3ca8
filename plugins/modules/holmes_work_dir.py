#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_work_dir
short_description: A private folder for the time of a run, with the files that it needs on its host
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Makes a folder that only this user can read. Helm's settings, its caches, the chart and a kubeconfig lie there.
  - Removes the folders of earlier runs that were killed, which may hold a token. Those of runs that may still be at
    work stay. Whether a run lives is known where it was started, so its control node is asked as well; the folder of a
    run of yet another machine is given a day.
  - On a host that is another machine, files that are named on the control node are put there, and what is returned is
    where. With a local connection they are taken where they are.
  - Nothing of it outlives the run, so check mode makes and removes one as well, and it is never a change.
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
options:
  state:
    description: V(present) makes a folder, V(absent) removes the one at O(path).
    type: str
    choices: [present, absent]
    default: present
  path:
    description: The folder to remove, as RV(path) named it.
    type: path
  holder:
    description: Which run this is. Filled in on the control node.
    type: dict
    default: {}
  files:
    description: Names of variables, and the path, or the list of paths, that each of them holds.
    type: dict
    default: {}
  remote_files:
    description: Which of these variables, or C(holmes_kubeconfig) or C(holmes_kube_ca_cert), name files on the host.
    type: list
    elements: str
    default: []
  access:
    description:
      - How the cluster is reached, if that is no path on the host. C(kubeconfig) is a path or a mapping, of which
        another machine gets what C(context) needs, with the files that it names inside. C(host), C(api_key), C(ca_cert)
        and C(validate_certs) are for an API server without a kubeconfig.
    type: raw
  content:
    description: What is pushed. Filled in on the control node.
    type: dict
    default: {}
  gone:
    description:
      - Folders of RV(others) whose runs are known to be over. With it nothing is made. Filled in on the control node.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: A folder for this run
  holmesgpt.onprem.holmes_work_dir:
  register: folder

- name: One with files for a bastion
  holmesgpt.onprem.holmes_work_dir:
    files:
      holmes_ca_file: /etc/pki/site-ca.crt
    access:
      kubeconfig: ~/.kube/seoul
  register: pushed

- name: Remove it
  ansible.builtin.file:
    path: "{{ folder.path }}"
    state: absent
"""

RETURN = r"""
path:
  description: The folder.
  returned: success, without O(gone)
  type: str
  sample: /tmp/holmes.k3j2h1x9
files:
  description: O(files) as paths on the host.
  returned: success
  type: dict
  sample: {holmes_ca_file: /tmp/holmes.k3j2h1x9/holmes_ca_file-site-ca.crt}
kubeconfig:
  description: The kubeconfig that was made in the folder, or is on another machine already; empty if there is neither.
  returned: success
  type: str
  sample: /tmp/holmes.k3j2h1x9/kubeconfig
remote:
  description: Whether the host is another machine than the control node.
  returned: success
  type: bool
  sample: true
removed:
  description: Folders of killed runs that were removed.
  returned: success
  type: list
  elements: str
  sample: []
others:
  description: Folders of runs on other machines, with what says whose they are.
  returned: success, without O(gone)
  type: list
  elements: dict
  sample: []
"""

import os
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _work_dir
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import holder_of


def absent(module: AnsibleModule) -> dict[str, t.Any]:
    """Remove the folder of this run."""
    path = module.params["path"]
    if not _work_dir.is_ours(path):
        module.fail_json(msg=f"'{path}' is no work folder of this collection, so it stays.")
    if os.path.isdir(path) and not _work_dir.remove([path]):
        module.fail_json(msg=f"The work folder '{path}' cannot be removed. It may hold a token: remove it by hand.")
    return {"changed": False, "path": path}


def main() -> None:
    texts = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "path": {"type": "path"},
            "holder": {"type": "dict", "default": {}},
            "files": {"type": "dict", "default": {}},
            "remote_files": texts,
            "access": {"type": "raw", "no_log": True},
            "content": {"type": "dict", "default": {}, "no_log": True},
            "gone": texts,
        },
        required_if=[("state", "absent", ("path",))],
        supports_check_mode=True,
    )
    if module.params["state"] == "absent":
        module.exit_json(**absent(module))
    try:
        others = _work_dir.of_others()
        if module.params["gone"]:
            known = {one.path for one in others}
            module.exit_json(changed=False, removed=_work_dir.remove(known.intersection(module.params["gone"])))
        removed = _work_dir.remove(_work_dir.left_behind())
        path = _work_dir.make(holder_of(module.params["holder"]), content=module.params["content"])
    except OSError as error:
        module.fail_json(
            msg=f"No private folder can be made on this host: {error.strerror} ({error.filename})."
            " Make room there, or set TMPDIR for the remote user to a folder with some."
        )
    rows = [{"path": one.path, "holder": one.owner} for one in others]
    module.exit_json(changed=False, path=path, removed=removed, others=rows, home=str(Path.home()))


if __name__ == "__main__":
    main()
