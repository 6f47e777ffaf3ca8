# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities as the Kubernetes API reads them."""

from __future__ import annotations

import typing as t
from fractions import Fraction

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import MIB, mebibytes, parse


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *(
            ("100m", Fraction(1, 10)),
            ("1", 1),
            (1, 1),
            (0.5, Fraction(1, 2)),
            ("0.5", Fraction(1, 2)),
            (".5", Fraction(1, 2)),
        ),
        *(("1.", 1), ("+1", 1), ("-1", -1), ("0", 0), ("1n", Fraction(1, 10**9)), ("1u", Fraction(1, 10**6))),
        *(("1k", 1000), ("1M", 10**6), ("1G", 10**9), ("1T", 10**12), ("1P", 10**15), ("1E", 10**18)),
        *(("1Ki", 2**10), ("1Mi", 2**20), ("1Gi", 2**30), ("1Ti", 2**40), ("1Pi", 2**50), ("1Ei", 2**60)),
        *(("1.5Gi", 3 * 2**29), ("1e3", 1000), ("1E3", 1000), ("2.5e-1", Fraction(1, 4)), ("2.147483648e+09", 2**31)),
        *((2147483648, 2**31), (2.0e9, 2 * 10**9)),
    ],
)
def test_legal(value: t.Any, number: Fraction) -> None:
    assert parse(value) == number


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "1 Gi",
            "2gb",
            "2GB",
            "2048mi",
            "1K",
            "1KI",
            "Gi",
            "1,5",
            "1_000",
            "1e",
            "e3",
            "1Gi\n",
            "0x10",
            "1ee3",
        ),
        *("--1", "1.2.3", "1Mib", "nan", "inf", True, False, None, [], {}, float("nan"), float("inf")),
    ],
)
def test_illegal(value: t.Any) -> None:
    assert parse(value) is None


def test_mebibytes_are_rounded_down() -> None:
    assert mebibytes(Fraction(2 * MIB)) == 2
    assert mebibytes(Fraction(2 * MIB - 1)) == 1
    assert mebibytes(Fraction(2 * 10**9)) == 1907
