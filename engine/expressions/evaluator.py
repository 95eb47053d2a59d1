"""The only evaluator there is: FEEL for every expression, FEEL or JavaScript for a script task."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from engine.expressions.errors import ExpressionError
from engine.expressions.sandbox import (
    EVALUATION_SECONDS,
    LOAD_SECONDS,
    LONGEST_DATA,
    SCRIPT_SECONDS,
    FeelContext,
    bounded,
    run_javascript,
)
from engine.expressions.values import encode
from engine.wording import say

Variables = Mapping[str, Any]


def _text(expression: str) -> str:
    text = expression.strip()
    return text[1:].strip() if text.startswith("=") else text


def encoded(variables: Any) -> str:
    """Write variables for the sandbox; what has no FEEL value is an ExpressionError."""
    try:
        data = encode(variables)
    except (TypeError, ValueError, RecursionError, OverflowError, ArithmeticError) as error:
        raise ExpressionError(
            "expression-failed", say("变量无法用于表达式：{error}", error=str(error)[:200])
        ) from error
    if len(data) > LONGEST_DATA:
        raise ExpressionError("expression-memory", say("变量过大，无法用于表达式。"))
    return data


def named(texts: Sequence[str], variables: Variables) -> dict[str, Any]:
    """Return the variables that expressions may speak of: the more a process knows, the more each crossing would cost.

    One that is no plain identifier (``unit name``) is always kept: FEEL may read its name over spaces and operators.
    """
    return {
        name: value
        for name, value in variables.items()
        if not name.isidentifier() or any(name in text for text in texts)
    }


def _millis(at: datetime | None) -> float:
    return (at or datetime.now(UTC)).timestamp() * 1000


class Evaluator:
    """Evaluates FEEL and runs scripts, bounded in time and memory. Safe to share between threads.

    Parameters
    ----------
    seconds
        Longest time of one crossing into the sandbox for expressions and decisions.
    script_seconds
        Longest time of one script.
    """

    def __init__(self, *, seconds: float = EVALUATION_SECONDS, script_seconds: float = SCRIPT_SECONDS) -> None:
        self._feel = FeelContext(seconds)
        self._script_seconds = script_seconds

    def evaluate(self, expression: str, variables: Variables, *, at: datetime | None = None) -> Any:
        """Return the value of a FEEL expression; a leading ``=`` is allowed.

        ``at`` is what ``now()`` and ``today()`` say. An unknown name is null, as FEEL has it. A date comes back as
        ``date``, a date and time as aware ``datetime``, a time as ``time``, a duration as ``timedelta`` or
        ``isodate.Duration``, a whole number as ``int``.

        Raises
        ------
        ExpressionError
            Codes expression-syntax, expression-failed, expression-timeout, expression-memory.
        """
        return self.evaluate_many([expression], variables, at=at)[0]

    def evaluate_many(
        self, expressions: Sequence[str], variables: Variables, *, at: datetime | None = None
    ) -> list[Any]:
        """Return the values of several expressions over the same variables, in one crossing."""
        if not expressions:
            return []
        texts = [_text(expression) for expression in expressions]
        bounded(*texts)
        answer = self._feel.call("evaluateMany", encoded(texts), encoded(named(texts, variables)), _millis(at))
        return self._values(answer, texts)

    def check(self, expression: str) -> str | None:
        """Say what is wrong with an expression's syntax, or None."""
        try:
            # Evaluating with no variables parses it; what fails only for want of a value is not the text's fault.
            self.evaluate(expression, {})
        except ExpressionError as error:
            return str(error) if error.code == "expression-syntax" else None
        return None

    def run_script(
        self, language: str, text: str, variables: Variables, *, at: datetime | None = None
    ) -> dict[str, Any]:
        """Run a script task's text and return the variables it sets.

        ``language`` is ``feel`` (a context's entries, anything else under ``result``) or ``javascript``.
        """
        kind = language.strip().lower().rsplit("/", maxsplit=1)[-1]
        if kind == "feel":
            value = self.evaluate(text, variables, at=at)
            return value if isinstance(value, dict) else {"result": value}
        if kind not in ("javascript", "ecmascript", "js"):
            raise ExpressionError(
                "expression-failed",
                say("不支持脚本语言“{language}”：请用 feel 或 javascript。", language=language[:40]),
            )
        bounded(text)
        return run_javascript(text, _json_only(variables), _millis(at), self._script_seconds)

    def load_decisions(self, key: str, model: str, variables: str = "{}") -> list[dict[str, Any]]:
        """Parse a DMN model (JSON, see engine.expressions.decisions), keep it, and return the problems of its texts."""
        try:
            answer = self._feel.call("loadDecisions", key, model, variables, seconds=LOAD_SECONDS)
        except ExpressionError:
            # Other models may have taken the memory: now the context is a new one with nothing in it.
            answer = self._feel.call("loadDecisions", key, model, variables, seconds=LOAD_SECONDS)
        if "error" in answer:
            raise ExpressionError("expression-failed", say("决策无法读取：{error}", error=answer["error"]))
        problems: list[dict[str, Any]] = answer["values"]
        return problems

    def decide(
        self, key: str, model: str, decision_id: str, variables: Variables, *, at: datetime | None = None
    ) -> dict[str, Any]:
        """Decide in one crossing by the model kept under ``key``, which is loaded when it is not.

        Returns ``values`` with ``outputs`` and ``records``, or ``error`` with its ``place``.
        """
        seen, millis = encoded(variables), _millis(at)
        answer = self._feel.call("decide", key, decision_id, seen, millis)
        if "values" in answer and answer["values"] is None:
            self.load_decisions(key, model, seen)
            answer = self._feel.call("decide", key, decision_id, seen, millis)
        return answer

    @staticmethod
    def _values(answer: Mapping[str, Any], texts: Sequence[str]) -> list[Any]:
        if "error" not in answer:
            values: list[Any] = answer["values"]
            return values
        raise expression_error(answer, texts[int(answer["index"])])


def _json_only(variables: Variables) -> str:
    """A script sees dates as ISO texts: JavaScript has no dates without a time."""
    import orjson

    try:
        return orjson.dumps(variables, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, RecursionError) as error:
        raise ExpressionError("expression-failed", say("变量无法用于脚本：{error}", error=str(error)[:200])) from error


def expression_error(answer: Mapping[str, Any], text: str) -> ExpressionError:
    """Make the error of an answer that carries one."""
    shown = text if len(text) <= 120 else text[:119] + "…"
    reason = str(answer["error"])
    if answer.get("kind") == "syntax":
        position = answer.get("position") or {}
        column = int(position.get("from", 0)) + 1
        return ExpressionError(
            "expression-syntax",
            say(
                "表达式“{shown}”有语法错误（第 {column} 个字符处）：{reason}", shown=shown, column=column, reason=reason
            ),
            column=column,
            index=answer["index"],
        )
    return ExpressionError(
        "expression-failed",
        say("表达式“{shown}”计算失败：{reason}", shown=shown, reason=reason),
        index=answer.get("index"),
    )


@lru_cache(maxsize=1)
def evaluator() -> Evaluator:
    """Return the process-wide evaluator."""
    return Evaluator()
