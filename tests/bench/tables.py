# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of text, as a table for the terminal or in Markdown."""

from __future__ import annotations

import typing as t

Rows = t.Sequence[t.Sequence[str]]


def plain(rows: Rows) -> str:
    """The first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown(rows: Rows) -> str:
    """The first row is the head; columns of numbers stand to the right."""
    head, *body = rows
    right = [all(row[column] and row[column][0] in "0123456789+-–" for row in body) for column in range(len(head))]
    lines = [head, ["--:" if one else "---" for one in right], *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)
