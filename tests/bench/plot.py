# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines over numbers of hosts as SVG that can be read on light and on dark paper. Knows nothing of what is measured."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, GAP = 400, 230, 24
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 34, 34
LEGEND = 34
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.axis { stroke: #57606a } .grid { stroke: #d0d7de }
polyline { fill: none; stroke-width: 2 }
.s0 { stroke: #6e7781 } .s1 { stroke: #0969da } .s2 { stroke: #bc4c00 }
circle.s0 { fill: #6e7781 } circle.s1 { fill: #0969da } circle.s2 { fill: #bc4c00 }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis { stroke: #8d96a0 } .grid { stroke: #30363d } .paper { fill: #0d1117 }
  .s0 { stroke: #9198a1 } .s1 { stroke: #4493f8 } .s2 { stroke: #f0883e }
  circle.s0 { fill: #9198a1 } circle.s1 { fill: #4493f8 } circle.s2 { fill: #f0883e }
}
"""


@dataclass(frozen=True)
class Panel:
    """``lines``: of each name, points (x, y)."""

    title: str
    lines: t.Mapping[str, t.Sequence[tuple[float, float]]]


def drawn(rows: t.Sequence[t.Sequence[Panel]], names: t.Sequence[str], x_title: str) -> str:
    """Panels in rows, one legend above. ``names`` gives the order of the lines, of which there are at most three."""
    width = max(len(row) for row in rows) * (WIDTH + GAP) - GAP
    height = LEGEND + len(rows) * (HEIGHT + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        *_legend(names),
    ]
    for y, row in enumerate(rows):
        for x, panel in enumerate(row):
            parts.append(f'<g transform="translate({x * (WIDTH + GAP)} {LEGEND + y * (HEIGHT + GAP)})">')
            parts += [*_panel(panel, names, x_title), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(names: t.Sequence[str]) -> t.Iterator[str]:
    for place, name in enumerate(names):
        x = LEFT + place * 130
        yield f'<polyline class="s{place}" points="{x},18 {x + 24},18"/>'
        yield f'<circle class="s{place}" cx="{x + 12}" cy="18" r="3"/>'
        yield f'<text x="{x + 30}" y="22">{escape(name)}</text>'


def _panel(panel: Panel, names: t.Sequence[str], x_title: str) -> t.Iterator[str]:
    points = [point for line in panel.lines.values() for point in line]
    xs = sorted({x for x, _y in points})
    ticks = scale(max((y for _x, y in points), default=1.0))
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        """Equal steps along the roots: small numbers of hosts would lie on each other otherwise."""
        across = (math.sqrt(x) - math.sqrt(xs[0])) / ((math.sqrt(xs[-1]) - math.sqrt(xs[0])) or 1)
        return round(LEFT + 8 + across * (right - LEFT - 16), 1), round(bottom - y / ticks[-1] * (bottom - TOP), 1)

    yield f'<text class="title" x="{LEFT}" y="20">{escape(panel.title)}</text>'
    for tick in ticks:
        y = place(xs[0] if xs else 0, tick)[1] if xs else bottom
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'
    for x in xs:
        yield f'<text x="{place(x, 0)[0]}" y="{bottom + 16}" text-anchor="middle">{x:g}</text>'
    yield f'<text x="{(LEFT + right) / 2}" y="{bottom + 31}" text-anchor="middle">{escape(x_title)}</text>'
    for number, name in enumerate(names):
        line = [place(*point) for point in panel.lines.get(name, ())]
        if line:
            yield f'<polyline class="s{number}" points="{" ".join(f"{x},{y}" for x, y in line)}"/>'
        yield from (f'<circle class="s{number}" cx="{x}" cy="{y}" r="3"/>' for x, y in line)


def scale(highest: float) -> list[float]:
    """Round numbers from 0 to at least ``highest``, four to six of them."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    return [round(step * number, 10) for number in range(math.ceil(highest / step - 1e-9) + 1)]
