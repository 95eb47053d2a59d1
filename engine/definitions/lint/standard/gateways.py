"""Gateways: direction, and what an event-based gateway may lead to (BPMN 2.0.2, 10.6)."""

from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.events import kind_of
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS


def check_gateways(lint: Reporter) -> None:
    """Check every gateway in every process."""
    document = lint.document
    for gateway in document.of(*sorted(GROUPS["gateway"])):
        incoming = document.incoming[gateway.get("id") or ""]
        outgoing = len(document.outgoing.get(gateway.get("id") or "", ()))
        _check_direction(lint, gateway, incoming, outgoing)
        if local_name(gateway) == "eventBasedGateway":
            _check_event_based(lint, gateway, outgoing)
        elif incoming == outgoing == 1:
            lint.report("pointless-gateway", gateway)


def _check_direction(lint: Reporter, gateway: Any, incoming: int, outgoing: int) -> None:
    direction = gateway.get("gatewayDirection")
    fits = {
        "Converging": incoming > 1 and outgoing <= 1,
        "Diverging": outgoing > 1 and incoming <= 1,
        "Mixed": incoming > 1 and outgoing > 1,
    }
    if not fits.get(direction, True):
        lint.report("gateway-direction", gateway, direction=direction, incoming=incoming, outgoing=outgoing)


def _check_event_based(lint: Reporter, gateway: Any, outgoing: int) -> None:
    document = lint.document
    if outgoing == 1:
        lint.report("event-gateway-single", gateway)
    flows = document.outgoing.get(gateway.get("id") or "", ())
    targets = [target for flow in flows if (target := document.resolve(flow.get("targetRef") or "")) is not None]
    tasks = any(local_name(target) == "receiveTask" for target in targets)
    messages = any(
        kind_of(definition) == "message"
        for target in targets
        if local_name(target) == "intermediateCatchEvent"
        for definition in document.definitions_of(target)
    )
    if tasks and messages:
        lint.report("event-gateway-mixed", gateway)
