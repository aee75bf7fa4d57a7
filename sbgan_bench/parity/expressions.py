"""The inputs of a case: NumPy draws described in words, read by a small parser that can do nothing else.

What it understands, with any numbers in the places of these::

    RandomState(1).standard_normal((2,512))
    RandomState(4).uniform(-1,1,(2,3,64,128)) as float32
    RandomState(3).randint(0, 20, (2,1,16,16)) repeated 8x8
    softmax over axis 1 of RandomState(5).standard_normal((2,7,8,16)) as float32
    G(z2), z2=RandomState(2).standard_normal((2,512))
    label*3+1
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax

from sbgan_bench.errors import DataError

#: Draws that a description may name.
METHODS = ("standard_normal", "normal", "randn", "uniform", "random_sample", "rand", "randint", "standard_exponential")

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_SOFTMAX = re.compile(r"^softmax over axis (-?\d+) of ", re.IGNORECASE)
_REPEATED = re.compile(r",? repeated (\d+)\s*[x×]\s*(\d+)$")
_DTYPE = re.compile(r",? (?:as|cast to) (?:float|int)\d+$")
_BEFORE_DRAW = re.compile(r"^.*?\w\s*=\s*(?=(?:np\.|numpy\.)?(?:random\.)?RandomState)")


def evaluate(text: str, names: Mapping[str, Any] | None = None) -> Any:
    """Return the array that a description stands for, in NumPy's own precision.

    Args:
        text: The description.
        names: Arrays that it may mention.

    Raises:
        DataError: It is not understood; the message quotes it.
    """
    core = _BEFORE_DRAW.sub("", text.strip().rstrip("."))
    core, axis = _strip(_SOFTMAX, core)
    core, _ = _strip(_DTYPE, core)
    core, repeats = _strip(_REPEATED, core)
    core, _ = _strip(_DTYPE, core)
    try:
        value = _value(ast.parse(core, mode="eval").body, names or {})
    except (SyntaxError, ValueError, TypeError, IndexError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise DataError(
            f"The input {text!r} is not understood: {reason}. A draw reads like "
            f"'RandomState(1).standard_normal((2,512))', with one of {', '.join(METHODS)}."
        ) from error
    if repeats:
        value = value.repeat(int(repeats[0]), axis=-2).repeat(int(repeats[1]), axis=-1)
    return softmax(value, axis=int(axis[0])) if axis else value


def _strip(pattern: re.Pattern[str], text: str) -> tuple[str, tuple[str, ...]]:
    match = pattern.search(text)
    return (text, ()) if match is None else (text[: match.start()] + text[match.end() :], match.groups())


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, names), _value(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(_value(item, names) for item in items)
        case ast.Name(id=name):
            if name not in names:
                raise ValueError(f"{name!r} is not known here ({', '.join(names) or 'no name is'})")
            return names[name]
        case ast.Call(func=ast.Attribute(value=ast.Call(func=maker, args=[seed], keywords=[]), attr=method)):
            if not ast.unparse(maker).endswith("RandomState") or method not in METHODS:
                raise ValueError(f"{ast.unparse(maker)}(…).{method} is no draw that is known")
            arguments = [_value(item, names) for item in node.args]
            named = {str(item.arg): _value(item.value, names) for item in node.keywords}
            return getattr(np.random.RandomState(_value(seed, names)), method)(*arguments, **named)
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is neither a draw nor arithmetic")
