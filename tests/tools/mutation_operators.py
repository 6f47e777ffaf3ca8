# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutations beside those of Cosmic Ray: what goes wrong in a rule in particular. And which mutants say nothing."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import cosmic_ray.plugins
import parso
from cosmic_ray.ast import get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.work_item import MutationSpec

Node = t.Any
Place = tuple[tuple[int, int], tuple[int, int]]
# What a rule answers with; a mutant that leaves one of these to the same answer is none.
_OTHER = {"fail": "warn", "warn": "fail", "unclear": "warn"}
_WORD = re.compile(r"""(["'])[A-Za-z0-9_.*/:-]+\1\Z""")


class _Mutation(Operator):  # type: ignore[misc]
    """One mutation per node that ``fits``."""

    def fits(self, node: Node) -> bool:
        raise NotImplementedError

    def mutation_positions(self, node: Node) -> t.Iterator[Place]:
        if self.fits(node):
            yield node.start_pos, node.end_pos


class SwapStatus(_Mutation):
    """A failure is told as a warning, a warning as a failure, what is not known as a warning."""

    def fits(self, node: Node) -> bool:
        if node.type != "name" or node.value not in _OTHER or node.get_next_leaf().value != "(":
            return False
        # Without the import it would be a NameError, which every test notices.
        other = re.compile(rf"\b{_OTHER[node.value]}\b")
        return node.get_previous_leaf().value != "def" and bool(other.search(node.get_root_node().get_code()))

    def mutate(self, node: Node, index: int) -> Node:
        node.value = _OTHER[node.value]
        return node

    @classmethod
    def examples(cls) -> t.Sequence[Example]:
        return (Example("import fail, warn\nyield fail('a')", "import fail, warn\nyield warn('a')"),)


class DropFinding(_Mutation):
    """A finding is not told. That all is well is only a sentence."""

    def fits(self, node: Node) -> bool:
        return node.type == "yield_expr" and not node.children[1].get_code().strip().startswith("good(")

    def mutate(self, node: Node, index: int) -> Node:
        return parso.parse(f"{node.get_first_leaf().prefix}yield from ()")

    @classmethod
    def examples(cls) -> t.Sequence[Example]:
        return (Example("yield fail('a', 'b')", "yield from ()"),)


class DropReturn(_Mutation):
    """A rule goes on where it should have stopped."""

    def fits(self, node: Node) -> bool:
        return node.type == "keyword" and node.value == "return" and node.parent.type == "simple_stmt"

    def mutate(self, node: Node, index: int) -> Node:
        node.value = "pass"
        return node

    @classmethod
    def examples(cls) -> t.Sequence[Example]:
        return (Example("return\n", "pass\n"),)


class SpoilWord(_Mutation):
    """A key, a name or another single word is a different one; sentences stay as they are."""

    def fits(self, node: Node) -> bool:
        if node.type != "string" or not _WORD.match(node.value) or node.parent.type == "strings":
            return False  # the last word of a sentence over several lines is a piece of "strings"
        if _inside(node, ("decorator", "fstring", "annassign")):
            return False
        call = node.search_ancestor("atom_expr", "power")
        return not (call and call.children[0].get_code().strip() in ("t", "TypeVar"))

    def mutate(self, node: Node, index: int) -> Node:
        node.value = f"{node.value[0]}XX{node.value[1:]}"
        return node

    @classmethod
    def examples(cls) -> t.Sequence[Example]:
        return (Example("a = 'b'", "a = 'XXb'"),)


class Provider(dict[str, type[Operator]]):
    """The mutations above, as Cosmic Ray asks for them."""

    def __init__(self) -> None:
        super().__init__({kind.__name__: kind for kind in (SwapStatus, DropFinding, DropReturn, SpoilWord)})


cosmic_ray.plugins.OPERATOR_PROVIDERS["rule"] = Provider()


def _inside(node: Node, kinds: t.Sequence[str]) -> bool:
    return node.search_ancestor(*kinds) is not None


class Silent:
    """Mutants that no test could or should notice, by their kind; never by place or line.

    - Identity in place of equality and the reverse: whether two equal things are one object is Python's business.
    - An order in place of (in)equality, except next to a number: nobody means the order of the alphabet.
    - All but one replacement of an arithmetic operator: what notices ``-`` in place of ``+`` notices ``*``, too.
    - Anything in an f-string: a sentence for people, whose words are not tested, nor how much of a hash it shows.
    - Anything in a type annotation or below ``if TYPE_CHECKING``: not looked at when the program runs.
    - Arguments of decorators other than ``@rule``: whether a dataclass is frozen.
    - The clock: how long a rule took is told, but it is not the same twice.
    """

    _IDENTITY = re.compile(r"core/ReplaceComparisonOperator_(?:(?:Eq|NotEq)_(?:Is|IsNot)|(?:Is|IsNot)_(?:Eq|NotEq))\Z")
    _ORDER = re.compile(r"core/ReplaceComparisonOperator_(?:Eq|NotEq|Is|IsNot)_(?:Lt|LtE|Gt|GtE)\Z")
    _ARITHMETIC = re.compile(r"core/ReplaceBinaryOperator_(?!Add_Sub|Sub_Add|BitOr_BitAnd|BitAnd_BitOr|\w+_Add\Z)")
    _ANNOTATION = ("annassign", "tfpdef")

    def __init__(self) -> None:
        self.trees: dict[Path, Node] = {}

    def says_nothing(self, mutation: MutationSpec) -> bool:
        if self._IDENTITY.match(mutation.operator_name) or self._ARITHMETIC.match(mutation.operator_name):
            return True
        leaf = self._tree(mutation.module_path).get_leaf_for_position(mutation.start_pos, include_prefixes=True)
        if self._ORDER.match(mutation.operator_name) and leaf.get_next_leaf().type != "number":
            return True
        return self._in_passing(leaf)

    def _in_passing(self, leaf: Node) -> bool:
        if _inside(leaf, ("fstring", *self._ANNOTATION)) or self._returned(leaf):
            return True
        decorator = leaf.search_ancestor("decorator")
        if decorator is not None and leaf.start_pos != decorator.start_pos:
            return "rule" not in decorator.get_code()
        block = leaf.search_ancestor("if_stmt")
        if block is not None and "TYPE_CHECKING" in block.children[1].get_code():
            return True
        line = leaf.search_ancestor("simple_stmt")
        return line is not None and "time.monotonic()" in line.get_code()

    def _tree(self, path: Path) -> Node:
        if path not in self.trees:
            self.trees[path] = get_ast_from_path(path)
        return self.trees[path]

    @staticmethod
    def _returned(leaf: Node) -> bool:
        """Whether it is the type that a function gives back."""
        function = leaf.search_ancestor("funcdef")
        annotation = function.annotation if function is not None else None
        return annotation is not None and annotation.start_pos <= leaf.start_pos < annotation.end_pos


def self_test() -> None:
    """The mutations do what their examples say."""
    for kind in Provider().values():
        for example in kind.examples():
            made = mutate_code(example.pre_mutation_code, kind(), example.occurrence)
            if made != example.post_mutation_code:
                raise AssertionError(f"{kind.__name__} makes {made!r} of {example.pre_mutation_code!r}")
