"""From a script in any language to one that the sandbox runs, and from a script that only computes to FEEL."""

from collections.abc import Sequence
from dataclasses import replace

from engine.definitions.foreign import python, statements
from engine.definitions.foreign.braces import GROOVY, JAVA, JAVASCRIPT, JUEL, MVEL
from engine.definitions.foreign.braces import template as read_juel
from engine.definitions.foreign.calls import Habits, resolve
from engine.definitions.foreign.feel import feel
from engine.definitions.foreign.javascript import javascript
from engine.definitions.foreign.syntax import (
    Assign,
    Call,
    Evaluate,
    Expression,
    If,
    Index,
    Literal,
    Loop,
    Member,
    Name,
    Operation,
    Return,
    Statement,
    Throw,
    Untranslatable,
    While,
)
from engine.definitions.foreign.walk import changed

_LANGUAGES = {
    "groovy": GROOVY, "groovy-static": GROOVY, "java": JAVA, "mvel": MVEL, "2.0": MVEL, "mvel2.0": MVEL,
    **dict.fromkeys(("javascript", "ecmascript", "js", "graal.js", "nashorn", "x-javascript"), JAVASCRIPT),
}  # fmt: skip
_NATIVE = frozenset({"feel", *(name for name, language in _LANGUAGES.items() if language is JAVASCRIPT)})

ENGINE = Habits()
NODE = Habits(
    holders=(
        ("environment", "variables"), ("environment", "output"), ("this", "environment", "variables"),
        ("this", "environment", "output"), ("variables",), ("this", "variables"), ("content", "output"),
        ("content",), ("this", "content"), ("output",),
    ),
)  # fmt: skip
"""bpmn-engine's scripts: variables are found under these objects."""


def language_of(name: str | None) -> str:
    """Return the plain name of a script language: the last part of a URI or media type, in small letters."""
    whole = (name or "").strip().lower()
    if "/feel/" in whole:
        return "feel"
    plain = whole.rstrip("/").rsplit("/", maxsplit=1)[-1]
    return "python" if plain == "jython" else plain


def translate_script(language: str, text: str, result: str | None = None, *, stores: bool | None = None) -> str:
    """Return a script in JavaScript that does the same.

    Parameters
    ----------
    language
        As :func:`language_of` gives it: groovy, java, mvel, python, juel …
    result
        The variable that takes the script's result.
    stores
        Names that are assigned without a declaration are process variables, not the script's own; left out, they are
        in Python only.

    Raises
    ------
    Untranslatable
        Something in it has no equivalent; the message says what.
    """
    habits = ENGINE
    if language == "python":
        script, habits = python.read_script(text), python.PYTHON
    elif language == "juel":
        script = _juel_script(text)
    elif language in _LANGUAGES:
        script = statements.read_script(text, _LANGUAGES[language])
        habits = NODE if _LANGUAGES[language] is JAVASCRIPT else ENGINE
    else:
        raise Untranslatable(f"不译 {language or '没有写明的语言'} / Scripts in this language are not translated")
    resolved = _resolved(script, habits)
    if not (language == "python" if stores is None else stores):
        resolved = _declaring(resolved)
    return javascript(_with_result(resolved, result))


def assignment(name: str, value: Expression) -> str:
    """Write a script that sets one variable."""
    return javascript([Assign(Operation("variable", (Literal(name),)), value)])


def is_read(language: str) -> bool:
    """Say whether scripts and conditions in this language are read, as :func:`language_of` gives its name."""
    return language in _LANGUAGES


def is_native(language: str) -> bool:
    """Say whether the sandbox runs scripts in this language as they are."""
    return language in _NATIVE


def condition_of(language: str, text: str) -> str:
    """Return FEEL for a script that is a condition: what it returns, with its own names put in their places."""
    if language == "python":
        return feel(resolve(python.read_expression(text), python.PYTHON))
    if language == "juel":
        return feel(resolve(read_juel(text, JUEL), ENGINE))
    if language not in _LANGUAGES:
        raise Untranslatable(f"不译 {language} 条件 / Conditions in {language} are not translated")
    habits = NODE if _LANGUAGES[language] is JAVASCRIPT else ENGINE
    known: dict[str, Expression] = {}
    for statement in statements.read_script(text, _LANGUAGES[language]):
        match statement:
            case Assign(Name(name), value, True):
                known[name] = substituted(value, known)
            case Return(value) | Evaluate(value) if value is not None:
                return feel(resolve(substituted(value, known), habits))
            case _:
                raise Untranslatable("条件里有副作用 / The condition does more than compute")
    raise Untranslatable("条件没有结果 / The condition has no result")


def _juel_script(text: str) -> tuple[Statement, ...]:
    found = read_juel(text.strip(), JUEL)
    return tuple(setter_of(found)) or (Evaluate(found),)


def setter_of(found: Expression) -> list[Statement]:
    """Return the assignment that ``execution.setVariable("x", …)`` in an expression is."""
    match found:
        case Call(Member(Name("execution" | "task" | "delegateTask"), "setVariable" | "setVariableLocal"), (_, value)):
            return [Assign(Operation("variable", found.arguments[:1]), value)]
    return []


def _resolved(script: Sequence[Statement], habits: Habits) -> tuple[Statement, ...]:
    return tuple(_resolve(statement, habits) for statement in script)


def _resolve(found: Statement, habits: Habits) -> Statement:
    match found:
        case Assign(target, value, _):
            place = target if isinstance(target, Name) else resolve(target, habits)
            assert isinstance(place, Name | Member | Index | Operation)
            return replace(found, target=place, value=resolve(value, habits))
        case Evaluate(value):
            return Evaluate(resolve(value, habits))
        case If(condition, then, otherwise):
            return If(resolve(condition, habits), _resolved(then, habits), _resolved(otherwise, habits))
        case Loop(variable, source, body):
            return Loop(variable, resolve(source, habits), _resolved(body, habits))
        case While(condition, body):
            return While(resolve(condition, habits), _resolved(body, habits))
        case Throw(code, message):
            return Throw(
                None if code is None else resolve(code, habits), None if message is None else resolve(message, habits)
            )
        case Return(value):
            return Return(None if value is None else resolve(value, habits))
    return found


def _declaring(script: Sequence[Statement]) -> tuple[Statement, ...]:
    """Make names that are assigned without a declaration the script's own."""
    known: set[str] = set()
    found: list[Statement] = []
    for statement in script:
        match statement:
            case Assign(Name(name), value, False) if name not in known:
                known.add(name)
                found.append(Assign(Name(name), _process_variable(value, name), declares=True))
            case Assign(Name(name), _, True):
                known.add(name)
                found.append(statement)
            case _:
                found.append(statement)
    return tuple(found)


def _process_variable(value: Expression, name: str) -> Expression:
    """Read in ``x = x + 1`` the process variable on the right."""
    return substituted(value, {name: Operation("variable", (Literal(name),))})


def _with_result(script: Sequence[Statement], result: str | None) -> tuple[Statement, ...]:
    """Give the value of the last statement to the result variable."""
    if result is None or not script:
        return tuple(script)
    *before, last = script
    match last:
        case Evaluate(value) | Return(value) if value is not None:
            return (*before, Assign(Operation("variable", (Literal(result),)), value))
        case If(condition, then, otherwise):
            return (*before, If(condition, _with_result(then, result), _with_result(otherwise, result)))
    return tuple(script)


def substituted(found: Expression, known: dict[str, Expression]) -> Expression:
    """Return an expression with expressions in the place of names."""
    return changed(found, lambda one: known.get(one.name) if isinstance(one, Name) else None) if known else found
