"""QuickJS contexts with bounds: time, memory, stack, and nothing reachable but the language itself."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import quickjs

from engine.expressions.errors import ExpressionError, ThrownByScript
from engine.expressions.values import decode
from engine.wording import say

EVALUATION_SECONDS = 0.2
SCRIPT_SECONDS = 0.8
# Starting a context parses the whole FEEL bundle, which a busy machine may take long over.
BOOT_SECONDS = 30.0
# All texts of a DMN file are parsed once, thousands of cells at worst.
LOAD_SECONDS = 30.0
EVALUATION_MEMORY = 48 << 20
SCRIPT_MEMORY = 32 << 20
# Well inside the 8 MB of a thread's stack: QuickJS must notice a deep recursion before the operating system does.
STACK = 1 << 20
FUNCTIONS = ("evaluateMany", "loadDecisions", "decide")
LONGEST_TEXT = 100_000
LONGEST_DATA = 8 << 20
LONGEST_ANSWER = 4 << 20

_HERE = Path(__file__).parent
_BUNDLE = "engine/expressions/bundle/feel.js"
_BPMN_ERROR = "BpmnError: "
_SENTENCES = {
    "expression-timeout": say("表达式运行时间过长，已被中止。"),
    "expression-memory": say("表达式占用内存过多或嵌套过深，已被中止。"),
}


@lru_cache(maxsize=1)
def _bundle() -> str:
    path = _HERE / "bundle" / "feel.js"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ExpressionError(
            "expression-failed", say("缺少表达式引擎 {bundle}：请先运行 make setup。", bundle=_BUNDLE)
        ) from error


@lru_cache(maxsize=8)
def _source(name: str) -> str:
    return (_HERE / "js" / name).read_text(encoding="utf-8")


def bounded(*texts: str) -> None:
    """Refuse a text too long to look at."""
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise ExpressionError("expression-memory", say("表达式过长：最多 {most} 个字符。", most=LONGEST_TEXT))


def _runaway(error: Exception) -> ExpressionError | None:
    """Translate the ends that leave a context unfit for further use."""
    text = str(error).strip()
    # QuickJS throws null when there is no memory left even for an error.
    if (
        text == "null"
        or isinstance(error, quickjs.StackOverflow)
        or "Maximum call stack" in text
        or "out of memory" in text
    ):
        return ExpressionError("expression-memory", _SENTENCES["expression-memory"])
    if "interrupted" in text:
        return ExpressionError("expression-timeout", _SENTENCES["expression-timeout"])
    if isinstance(error, MemoryError):
        return ExpressionError("expression-memory", _SENTENCES["expression-memory"])
    return None


class FeelContext(threading.local):
    """The calling thread's FEEL context, started when first needed and again after a runaway."""

    def __init__(self, seconds: float = EVALUATION_SECONDS) -> None:
        self._seconds = seconds
        self._functions: dict[str, Callable[..., Any]] = {}
        self._context: Any = None

    def call(self, name: str, *arguments: Any, seconds: float | None = None) -> dict[str, Any]:
        """Call a function of entry.js and return its decoded answer; ``seconds`` is this call's own bound.

        Raises
        ------
        ExpressionError
            It ran away. The next call gets a new context.
        """
        if self._context is None:
            self._start()
        function = self._functions[name]
        if function is None:
            raise ExpressionError(
                "expression-failed", say("表达式引擎 {bundle} 已过时：请重新运行 make setup。", bundle=_BUNDLE)
            )
        if seconds is not None:
            self._context.set_time_limit(seconds)
        try:
            answer = function(*arguments)
            if len(answer) > LONGEST_ANSWER:
                raise MemoryError("out of memory: the answer is too long")
            decoded: dict[str, Any] = decode(answer)
        except (quickjs.JSException, MemoryError, RecursionError) as error:
            self.discard()
            raise _runaway(error) or ExpressionError("expression-failed", say("表达式计算失败。")) from error
        if decoded.get("kind") in ("stack", "memory"):
            self.discard()
            raise ExpressionError("expression-memory", _SENTENCES["expression-memory"])
        if seconds is not None:
            self._context.set_time_limit(self._seconds)
        return decoded

    def discard(self) -> None:
        """Throw the context away."""
        self._functions = {}
        self._context = None

    def _start(self) -> None:
        context = quickjs.Context()
        context.set_memory_limit(EVALUATION_MEMORY)
        context.set_max_stack_size(STACK)
        context.set_time_limit(BOOT_SECONDS)
        context.eval(_bundle() + "\n;0")
        context.set_time_limit(self._seconds)
        self._functions = {name: context.get(name) for name in FUNCTIONS}
        self._context = context


def run_javascript(text: str, variables: str, millis: float, seconds: float = SCRIPT_SECONDS) -> dict[str, Any]:
    """Run a script in a context of its own and return the variables it set.

    A script sees every variable by name and in ``variables``. It sets variables by assigning to them, by changing
    ``variables``, by ``execution.setVariable``, or by returning an object. ``throw new BpmnError(code, message)``
    raises :class:`ThrownByScript` with that code.
    """
    context = quickjs.Context()
    context.set_memory_limit(SCRIPT_MEMORY)
    context.set_max_stack_size(STACK)
    context.eval(_source("guard.js"))
    context.eval(_source("script.js"))
    context.eval(_source("shim.js"))
    load, perform = context.get("load"), context.get("perform")
    context.set_time_limit(seconds)
    try:
        load(variables, millis)
        answer = perform(text)
        if len(answer) > LONGEST_ANSWER:
            raise MemoryError("out of memory: the answer is too long")
        done: dict[str, Any] = decode(answer)
    except (quickjs.JSException, MemoryError, RecursionError) as error:
        raise _runaway(error) or ExpressionError("expression-failed", say("脚本执行失败。")) from error
    if "error" in done:
        raise _script_error(str(done["error"]))
    found: dict[str, Any] = done["set"]
    return found


def _script_error(text: str) -> ExpressionError:
    """Return the error that a script ended with; the BPMN error that shim.js writes into a message keeps its code."""
    message = text.strip().split("\n")[0]
    if message.startswith(_BPMN_ERROR):
        with suppress(ValueError):
            code, sentence = decode(message.removeprefix(_BPMN_ERROR))
            return ThrownByScript(str(code), str(sentence) or f"脚本抛出了错误 {code} / The script threw {code}")
    code = "expression-syntax" if message.startswith("SyntaxError") else "expression-failed"
    return _runaway(RuntimeError(text)) or ExpressionError(code, say("脚本出错：{message}", message=message[:200]))
