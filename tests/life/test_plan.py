# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, approve, apply: a run with a plan does just what the check run showed, or refuses and says what has moved."""

from __future__ import annotations

import shutil
import typing as t

from tests.e2e.site_run import ROOT, Place, Vars
from tests.e2e.test_repeat import package
from tests.life.steps import Told, done, refused, told, untouched

SECRETS: Vars = {
    "holmes_secrets": {"openai-api-key": "key-of-the-plan"},
    "holmes_llm_api_key": {"secret": "holmes-secrets", "key": "openai-api-key"},
}


def planned(place: Place, **changes: t.Any) -> Told:
    """The check run before an approval: it touches nothing, and leaves a plan for each host."""
    with untouched(place):
        answer = done(place, "site.yml", "--check", "--diff", **changes)
    for host, plan in answer.plans.items():
        assert answer.check("release.plan", host)["evidence"]["plan"] == plan
        # For an AWX workflow, and for a person who reads along.
        assert answer.run.output.count(plan) >= 2 and "holmes_plans" in answer.run.output
    assert answer.plans
    return answer


def moved(place: Place, *parts: str, **changes: t.Any) -> None:
    """A run with a plan that holds no more: it names what moved, and nothing is changed."""
    check = refused(place, "site.yml", "release.plan", "Nothing was changed", "--check", **changes)
    assert check["evidence"]["moved"] == list(parts)


def test_a_plan_is_applied_as_it_was_shown_or_not_at_all(place: Place) -> None:
    plan = planned(place, **SECRETS).plans["cluster"]
    kept = {**SECRETS, "holmes_plan": plan}
    moved(place, "values", **{**kept, "holmes_llm_max_output_tokens": 4096})
    moved(place, "secrets", **{**kept, "holmes_secrets": {"openai-api-key": "another-key"}})
    moved(place, "chart", "values", **{**kept, "holmes_chart_archive": rebuilt(place)})
    assert not place.site.kubectl("get", "namespace", place.namespace, "--ignore-not-found")
    refused(place, "site.yml", "release.plan", "which is no plan", **{**kept, "holmes_plan": "yes"})
    refused(place, "site.yml", "release.plan", "holmes_plans has no plan", **SECRETS, holmes_plans={"berlin": plan})

    applied = done(place, "site.yml", **kept)
    assert "READY" in applied.run.output
    assert applied.check("release.plan")["message"] == "Nothing has moved since the plan was made."
    assert place.revisions() == [(1, "deployed")]
    moved(place, "cluster", **kept)


def test_what_others_change_between_plan_and_run_ends_the_plan(place: Place) -> None:
    """A release that somebody upgrades, or a Secret that somebody edits, is not what was approved."""
    site, namespace = place.site, place.namespace
    place.install(**SECRETS)
    wanted: Vars = {**SECRETS, "holmes_llm_max_output_tokens": 4096}
    first = planned(place, **wanted).plans["cluster"]
    site.exec("helm", "upgrade", namespace, place.chart("0.45.0"), "-n", namespace, "--reuse-values")
    assert place.revisions()[-1] == (2, "deployed")
    moved(place, "cluster", **wanted, holmes_plan=first)

    second = planned(place, **wanted).plans["cluster"]
    assert second != first
    site.kubectl("patch", "secret", "holmes-secrets", "-n", namespace, "-p", '{"stringData": {"openai-api-key": "x"}}')
    moved(place, "cluster", **wanted, holmes_plan=second)
    assert place.revisions()[-1] == (2, "deployed")

    third = planned(place, **wanted).plans["cluster"]
    assert "READY" in done(place, "site.yml", **wanted, holmes_plan=third).run.output
    assert place.revisions()[-1] == (3, "deployed")
    # Nothing is left to do, and that is a plan as well.
    last = planned(place, **wanted).plans["cluster"]
    assert done(place, "site.yml", **wanted, holmes_plan=last).run.recap("changed") == 0


def test_a_plan_for_each_of_two_hosts(place: Place) -> None:
    """As from one job of a workflow to the next: holmes_plans of all hosts, and each host takes its own."""
    other = Place(place.site, place.folder, f"{place.namespace}-2")
    names = {"holmes_namespace": other.namespace, "holmes_release_name": other.namespace}
    hosts: dict[str, Vars] = {"seoul": {}, "berlin": {**names, "holmes_llm_max_output_tokens": 4096}}
    other.remove()
    place.site.kubectl("wait", "--for=delete", f"namespace/{other.namespace}", "--timeout=60s")
    try:
        plans = planned(place, hosts=hosts).plans
        assert sorted(plans) == ["berlin", "seoul"] and plans["berlin"] != plans["seoul"]
        swapped = {"seoul": plans["berlin"], "berlin": plans["seoul"]}
        with untouched(place):
            assert told(place, "site.yml", hosts=hosts, holmes_plans=swapped).run.recap("failed") == 2
        run = done(place, "site.yml", hosts=hosts, holmes_plans=plans).run
        assert run.output.count("READY") >= 2
        assert place.revisions() == other.revisions() == [(1, "deployed")]
    finally:
        other.remove()


def rebuilt(place: Place) -> str:
    """An archive of the same version with another content."""
    chart = place.folder / "holmes"
    shutil.copytree(ROOT / "tests/doubles/charts/holmes-0.45.0", chart)
    (chart / "README.md").write_text("Somebody built it anew.\n")
    return package(place, chart)
