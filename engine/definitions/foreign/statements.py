"""Reads scripts of the C family: declarations, assignments, branches, loops, and the calls that set variables."""

from engine.definitions.foreign.braces import GROOVY, JAVASCRIPT, Language, Reader
from engine.definitions.foreign.calls import path_of
from engine.definitions.foreign.syntax import (
    Assign,
    Binary,
    Break,
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
    Remove,
    Return,
    Statement,
    Throw,
    Untranslatable,
    While,
)

_DECLARES = frozenset({"def", "var", "let", "const", "final"})
_REFUSED = frozenset({"try", "switch", "function", "class", "do", "synchronized", "async", "await"})
_SETTERS = frozenset({"setVariable", "setVariableLocal", "setTransientVariable", "setTransientVariableLocal"})
_REMOVERS = frozenset({"removeVariable", "removeVariableLocal", "removeTransientVariable"})
_SILENT_ENDS = frozenset({"println", "print", "printf", "sleep", "debug", "info", "warn", "trace"})
_SILENT_OBJECTS = frozenset({"console", "log", "LOG", "logger", "LOGGER", "out", "System", "Thread"})
_SCOPES = frozenset({"execution", "task", "kcontext", "context", "delegateTask", "delegateExecution"})
_ASSIGNING = {"+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%"}


def read_script(text: str, language: Language) -> tuple[Statement, ...]:
    """Read a whole script. Raises :class:`Untranslatable`."""
    reader = ScriptReader(text, language)
    found: list[Statement] = []
    while reader.token.kind != "end":
        found += reader.statement()
    return tuple(found)


class ScriptReader(Reader):
    """Reads statements; expressions are the base's."""

    def __init__(self, text: str, language: Language) -> None:
        super().__init__(text, language)
        self.instances: set[str] = set()
        """Names that the script gave to the execution or its process instance."""

    def statement(self) -> list[Statement]:
        """Read one statement; one that does nothing here is an empty list."""
        if self.skip(";"):
            return []
        if self.at("{"):
            return list(self._block())
        if self.token.kind == "name":
            word = str(self.token.value)
            if word in _REFUSED:
                raise Untranslatable(f"不译“{word}” / {word} is not translated")
            keyword = getattr(self, f"_read_{word}", None)
            if keyword is not None:
                found: list[Statement] = keyword()
                return found
            if self._declares():
                return self._declaration()
        return self._simple()

    def _block(self) -> tuple[Statement, ...]:
        if not self.skip("{"):
            return tuple(self.statement())
        found: list[Statement] = []
        while not self.skip("}"):
            if self.token.kind == "end":
                raise self.stuck()
            found += self.statement()
        return tuple(found)

    # Statements with a word of their own

    def _read_import(self) -> list[Statement]:
        self.advance()
        while self.token.kind != "end" and not self.token.fresh and not self.at(";"):
            self.advance()
        return []

    def _read_if(self) -> list[Statement]:
        self.advance()
        self.expect("(")
        condition = self.expression()
        self.expect(")")
        then = self._block()
        self.skip(";")
        otherwise: tuple[Statement, ...] = ()
        if self.at_word("else"):
            self.advance()
            otherwise = self._block()
        return [If(condition, then, otherwise)]

    def _read_while(self) -> list[Statement]:
        self.advance()
        self.expect("(")
        condition = self.expression()
        self.expect(")")
        return [While(condition, self._block())]

    def _read_for(self) -> list[Statement]:
        self.advance()
        self.expect("(")
        start = self.place
        while self.token.kind == "name" and self.ahead().kind == "name" and self.ahead().value != "in":
            self.advance()
        if self.ahead().value in (":", "in"):
            variable = self.name()
            self.advance()
            source = self.expression()
            self.expect(")")
            return [Loop(variable, source, self._block())]
        self.place = start
        first = self.statement()
        condition = self.expression()
        self.expect(";")
        step = self._simple()
        self.expect(")")
        return [*first, While(condition, (*self._block(), *step))]

    def _read_break(self) -> list[Statement]:
        self.advance()
        self._end()
        return [Break()]

    def _read_return(self) -> list[Statement]:
        self.advance()
        nothing = self.token.kind == "end" or self.token.fresh or self.at(";", "}")
        value = None if nothing else self.expression()
        self._end()
        return [Return(value)]

    def _read_throw(self) -> list[Statement]:
        self.advance()
        error = self.expression()
        self._end()
        return [_thrown(error)]

    # Declarations

    def _declares(self) -> bool:
        """Say whether ``def x``, ``var x`` or ``Type<…> x =`` stands here."""
        if str(self.token.value) in _DECLARES:
            return True
        start = self.place
        try:
            self.name()
            while self.skip("."):
                self.name()
            if self.at("<"):
                self._type_arguments()
            if self.skip("["):
                self.expect("]")
            named = self.token.kind == "name" and not self.token.fresh and self.token.value not in self.language.words
            return named and self.ahead().value in ("=", ";", ":") and self.token.value != "in"
        except Untranslatable:
            return False
        finally:
            self.place = start

    def _declaration(self) -> list[Statement]:
        while self.at_word(*_DECLARES):
            self.advance()
        if self.ahead().kind == "name" or self.ahead().value in ("<", ".", "["):
            self.name()
            while self.skip("."):
                self.name()
            if self.at("<"):
                self._type_arguments()
            if self.skip("["):
                self.expect("]")
        found: list[Statement] = []
        while True:
            name = self.name()
            value = self.expression() if self.skip("=") else Literal(None)
            if path_of(value) in {(scope,) for scope in _SCOPES}:
                self.instances.add(name)
            else:
                found.append(Assign(Name(name), value, declares=True))
            if not self.skip(","):
                break
        self._end()
        return found

    def _named(self) -> Expression:
        found = super()._named()
        return Name("execution") if isinstance(found, Name) and found.name in self.instances else found

    # Everything else

    def _simple(self) -> list[Statement]:
        if self.at("++", "--"):
            sign = "+" if self.advance().value == "++" else "-"
            place = _place(self._postfix(self._primary()))
            self._end()
            return [Assign(place, Binary(sign, place, Literal(1)))]
        if self.token.kind == "name" and self.ahead().value == ":" and self.ahead(2).kind == "name":
            self.advance()
            self.advance()
        if (found := self._command()) is not None:
            return found
        value = self.expression()
        if self.at("++", "--"):
            sign = "+" if self.advance().value == "++" else "-"
            place = _place(value)
            self._end()
            return [Assign(place, Binary(sign, place, Literal(1)))]
        if self.skip("="):
            place = _place(value)
            assigned = self.expression()
            self._end()
            return [Assign(place, assigned)]
        if self.at(*_ASSIGNING):
            operator = _ASSIGNING[str(self.advance().value)]
            place = _place(value)
            changed = Binary(operator, place, self.expression())
            self._end()
            return [Assign(place, changed)]
        self._end()
        return self._called(value)

    def _command(self) -> list[Statement] | None:
        """Step over Groovy's calls without parentheses (``println "x"``); those that are known say nothing."""
        if self.language is not GROOVY:
            return None
        start = self.place
        word = ""
        while self.token.kind == "name":
            word = str(self.advance().value)
            if not self.skip("."):
                break
        starts = self.token.kind in ("text", "template", "number", "name") and not self.token.fresh
        if word in _SILENT_ENDS and starts:
            self.expression()
            self._end()
            return []
        self.place = start
        return None

    def _end(self) -> None:
        """A statement ends with ``;``, a line break, or the brace around it."""
        if not self.skip(";") and self.token.kind != "end" and not self.token.fresh and not self.at("}", ")"):
            raise self.stuck()

    def _called(self, value: Expression) -> list[Statement]:
        if not isinstance(value, Call):
            return [Evaluate(value)]
        function, arguments = value.function, value.arguments
        if isinstance(function, Name):
            if function.name in _SILENT_ENDS:
                return []
            if function.name == "next" and self.language is JAVASCRIPT:
                return _went_on(arguments)
            return [Evaluate(value)]
        assert isinstance(function, Member)
        if _is_silent(function):
            return []
        on_scope = path_of(function.of) in {(scope,) for scope in _SCOPES}
        if on_scope and function.name in _SETTERS and len(arguments) >= 2:
            return [Assign(Operation("variable", arguments[:1]), arguments[1])]
        if on_scope and function.name in _REMOVERS and len(arguments) == 1:
            return [Remove(_fixed(arguments[0]))]
        if function.name in ("add", "push") and len(arguments) == 1:
            return [Evaluate(Operation("push", (function.of, arguments[0])))]
        if function.name in ("put", "set") and len(arguments) == 2:
            return [Assign(Index(function.of, arguments[0]), arguments[1])]
        return [Evaluate(value)]


def _place(found: Expression) -> Name | Member | Index | Operation:
    if isinstance(found, Name | Member | Index):
        return found
    if isinstance(found, Call) and isinstance(found.function, Member) and found.function.name == "getVariable":
        return Operation("variable", found.arguments)
    raise Untranslatable("只能给变量或属性赋值 / Only variables and properties can be assigned to")


def _fixed(name: Expression) -> str:
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        raise Untranslatable("变量名不是固定的 / The name of a variable is not fixed")
    return name.value


def _is_silent(function: Member) -> bool:
    """Say whether a call only writes to a log or waits."""
    at: Expression = function
    while isinstance(at, Member):
        if at.name in _SILENT_OBJECTS and function.name in (*_SILENT_ENDS, "error", "log"):
            return True
        at = at.of
    return isinstance(at, Name) and at.name in _SILENT_OBJECTS and function.name in (*_SILENT_ENDS, "error", "log")


def _thrown(error: Expression) -> Throw:
    if (
        not isinstance(error, Call)
        or not isinstance(error.function, Name)
        or not error.function.name.startswith("new ")
    ):
        raise Untranslatable("不知道抛出了什么 / It is not known what is thrown")
    arguments = error.arguments
    if error.function.name == "new BpmnError":
        if not arguments:
            raise Untranslatable("BPMN 错误没有代码 / A BPMN error without a code")
        return Throw(arguments[0], arguments[1] if len(arguments) > 1 else None)
    return Throw(None, arguments[0] if arguments else None)


def _went_on(arguments: tuple[Expression, ...]) -> list[Statement]:
    """``next(error, result)`` ends a script of bpmn-engine."""
    if not arguments:
        return [Return(None)]
    if arguments[0] != Literal(None):
        return [_thrown(arguments[0])]
    return [Return(arguments[1] if len(arguments) > 1 else None)]
