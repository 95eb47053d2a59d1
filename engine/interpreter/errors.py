"""Errors of the interpreter."""

from engine.errors import DubanError, Stale


class InterpreterError(DubanError):
    """A stimulus that the diagram or the snapshot has no place for; nothing was changed."""

    code = "interpreter"
    status = 422


class UnknownToken(Stale):
    """The wait that the stimulus names is over, or never was."""

    code = "unknown-token"

    def __init__(self, token: str) -> None:
        super().__init__("这个环节已经结束 / This wait is over", token=token)


class ElementFailed(DubanError):
    """An element cannot go on: caught by an error boundary with this code or without one, else an incident."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BpmnError(ElementFailed):
    """A BPMN error that somebody outside raises (a service, a child): uncaught it is an incident, and told as such."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message or code)


class ErrorThrown(ElementFailed):
    """A BPMN error thrown by an error end event: uncaught it ends the instance."""


class LeftToOthers(Exception):
    """What is asked for is not done here: the element waits for somebody outside."""
