"""DMN files written as text, for tests."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.expressions import evaluator
from engine.expressions.decisions import DecisionModel
from engine.interpreter.contract import Decision

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def text(feel: str, tag: str = "text") -> str:
    return f"<{tag}>{escape(feel)}</{tag}>"


def literal(feel: str, **attributes: str) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<literalExpression{given}>{text(feel)}</literalExpression>"


def column(expression: str, *, label: str = "", kind: str = "", allowed: str = "") -> str:
    """Return an input column."""
    name = f" label={quoteattr(label)}" if label else ""
    typed = f" typeRef={quoteattr(kind)}" if kind else ""
    values = f"<inputValues>{text(allowed)}</inputValues>" if allowed else ""
    return f"<input{name}><inputExpression{typed}>{text(expression)}</inputExpression>{values}</input>"


def result(name: str = "", *, kind: str = "", allowed: str = "", fallback: str = "") -> str:
    """Return an output column."""
    typed = f" typeRef={quoteattr(kind)}" if kind else ""
    values = f"<outputValues>{text(allowed)}</outputValues>" if allowed else ""
    default = f"<defaultOutputEntry>{text(fallback)}</defaultOutputEntry>" if fallback else ""
    return f"<output name={quoteattr(name)}{typed}>{values}{default}</output>"


def row(tests: Sequence[str], results: Sequence[str]) -> str:
    cells = "".join(f"<inputEntry>{text(one)}</inputEntry>" for one in tests)
    cells += "".join(f"<outputEntry>{text(one)}</outputEntry>" for one in results)
    return f"<rule>{cells}</rule>"


def table(policy: str, *parts: str, operator: str = "") -> str:
    """Return a decision table of columns and rows."""
    aggregation = f" aggregation={quoteattr(operator)}" if operator else ""
    return f"<decisionTable hitPolicy={quoteattr(policy)}{aggregation}>{''.join(parts)}</decisionTable>"


def decision(identifier: str, logic: str, *requirements: str, variable: str = "", kind: str = "") -> str:
    typed = f" typeRef={quoteattr(kind)}" if kind else ""
    name = quoteattr(variable or identifier)
    parts = f"<variable name={name}{typed}/>{''.join(requirements)}{logic}"
    return f"<decision id={quoteattr(identifier)} name={name}>{parts}</decision>"


def needs(identifier: str, tag: str = "requiredDecision") -> str:
    group = "knowledgeRequirement" if tag == "requiredKnowledge" else "informationRequirement"
    return f'<{group}><{tag} href="#{identifier}"/></{group}>'


def function(identifier: str, parameters: Sequence[str], logic: str, *requirements: str) -> str:
    """Return a business knowledge model."""
    formal = "".join(f"<formalParameter name={quoteattr(one)}/>" for one in parameters)
    return (
        f"<businessKnowledgeModel id={quoteattr(identifier)} name={quoteattr(identifier)}>{''.join(requirements)}"
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


def given(identifier: str, name: str = "", kind: str = "") -> str:
    """Return input data."""
    typed = f" typeRef={quoteattr(kind)}" if kind else ""
    shown = quoteattr(name or identifier)
    return f"<inputData id={quoteattr(identifier)} name={shown}><variable name={shown}{typed}/></inputData>"


def model(*parts: str, namespace: str = DMN) -> DecisionModel:
    return DecisionModel.parse(document(*parts, namespace=namespace))


def document(*parts: str, namespace: str = DMN) -> bytes:
    return f'<definitions xmlns="{namespace}" namespace="urn:test">{"".join(parts)}</definitions>'.encode()


def decide(of: DecisionModel, identifier: str, **variables: Any) -> Decision:
    return of.decide(evaluator(), identifier, variables)
