"""Scripts beside an element: what a listener of another engine sets when the element is entered or left.

They run when the element is entered, once for every item of a multi-instance, before its inputs are looked at; when
it is over, before its flows are chosen; and when a flow out of it is taken. One that fails is the element's incident.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.interpreter.tokens import Token

ENTER, LEAVE, TAKE = "enter", "leave", "take"
LANGUAGE = "javascript"


def entered(token: "Token") -> None:
    """Run what belongs to the entry, once, however often the element is tried again."""
    if token.spec.node.scripts and "scripted" not in token.memory:
        _run(token, ENTER)
        token.memory["scripted"] = True


def left(token: "Token") -> None:
    """Run what belongs to the end; the body of a multi-instance or loop has none of its own."""
    if token.spec.node.scripts and "total" not in token.memory:
        _run(token, LEAVE)


def taken(token: "Token", flow: str) -> None:
    """Run what belongs to a flow that is taken."""
    if token.spec.node.scripts:
        _run(token, TAKE, flow)


def _run(token: "Token", on: str, flow: str = "") -> None:
    run, node = token.run_, token.spec.node
    for script in node.scripts:
        if script.on == on and script.flow == flow:
            seen = run.view(token)
            replaced = run.environment.replace_script(node.id, LANGUAGE, script.text, seen)
            values = run.environment.run_script(LANGUAGE, script.text, seen) if replaced is None else replaced
            run.write(token, values)
