"""Who signs: assignment rules, and the rules that stand in for somebody (approvals.md, "Assignment", O4-O7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.instances.models import Instance, InstanceStatus
from engine.store import new_id
from engine.tasks.models import Activation, Slot, SlotCandidate, SlotState

if TYPE_CHECKING:
    from engine.instances.run import Run

ASSIGNMENT_ATTRIBUTES = ("assignee", "candidateGroups", "candidateUsers")
SYSTEM_INITIATOR = "system:initiator"
SYSTEM_DEDUPE = "system:dedupe"
SYSTEM_SUBSTITUTE = "system:substitute"


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who is to sign. ``rule`` found or replaced them; ``answer`` is one that a rule gives at once."""

    person_id: int
    rule: str
    answer: SlotState | None = None
    answered_by: str | None = None


def find_people(run: "Run", settings: Mapping[str, str], scope: Mapping[str, Any]) -> tuple[str, list[int]]:
    """Evaluate the assignment rules of a node; returns the rule that was asked and the people, each once.

    A node that names nobody is offered to the role that its lane is called after, if there is one.
    """
    rules = [settings[name] for name in ASSIGNMENT_ATTRIBUTES if settings.get(name)]
    if not rules and (lane := settings.get("lane")):
        return f"lane({lane})", list(run.engine.people.in_role(run.session, lane, run.assignment(scope)))
    people: dict[int, None] = {}
    for rule in rules:
        people |= dict.fromkeys(people_of(run, rule, scope))
    return " | ".join(rules), list(people)


def people_of(run: "Run", rule: str, scope: Mapping[str, Any] | None = None) -> Sequence[int]:
    """Find the people that one rule names; a rule that starts with ``=`` is FEEL and gives a rule or ids."""
    context = run.assignment(scope)
    if rule.startswith("="):
        value = run.environment.evaluate(rule, context.variables)
        if value is None:
            return []
        values = value if isinstance(value, list) else [value]
        if all(isinstance(item, int) and not isinstance(item, bool) for item in values):
            return [int(item) for item in values]
        rule = " | ".join(str(item) for item in values)
    return run.engine.people.find(run.session, rule, context) if rule.strip() else []


def signers_of(run: "Run", activation: Activation, rule: str, people: Sequence[int]) -> list[Signer]:
    """Apply the automatic rules to the people that were found: substitutes, the initiator, the same person again."""
    signers = _substituted(run, rule, people)
    if activation.kind != "approval":
        return signers
    signers = [one for signer in signers for one in _initiator(run, activation, signer)]
    unique = {signer.person_id: signer for signer in reversed(signers)}
    signers = [signer for signer in signers if unique.pop(signer.person_id, None) is not None]
    already = _agreed_before(run, activation)
    return [
        Signer(one.person_id, one.rule, SlotState.AGREED, SYSTEM_DEDUPE)
        if one.answer is None and one.person_id in already
        else one
        for one in signers
    ]


def _substituted(run: "Run", rule: str, people: Sequence[int]) -> list[Signer]:
    """Replace people who cannot sign in any more by their deputy or supervisor (O4)."""
    gone = set(run.engine.people.gone(run.session, list(people)))
    signers: dict[int, Signer] = {}
    for person in people:
        if person not in gone:
            signers.setdefault(person, Signer(person, rule))
            continue
        other = run.engine.people.substitute(run.session, person, run.at, run.instance.process_id)
        if other is not None:
            signers.setdefault(other, Signer(other, f"{SYSTEM_SUBSTITUTE}({person})"))
    return list(signers.values())


def _initiator(run: "Run", activation: Activation, signer: Signer) -> list[Signer]:
    """Do what ``initiatorIsApprover`` says when the approver is the initiator (O6)."""
    choice = activation.settings.get("initiatorIsApprover", "self")
    if signer.person_id != run.instance.initiator_id or choice == "self":
        return [signer]
    if choice == "skip":
        return [Signer(signer.person_id, signer.rule, SlotState.SKIPPED, SYSTEM_INITIATOR)]
    leader = run.engine.people.leader_of(run.session, signer.person_id, run.at)
    return [] if leader is None else [Signer(leader, SYSTEM_INITIATOR)]


def _agreed_before(run: "Run", activation: Activation) -> set[int]:
    """Return who need not agree again (O7): in the node just before, or anywhere; nobody after a return."""
    choice = activation.settings.get("dedupe", "none")
    if choice not in ("consecutive", "once"):
        return set()
    query = select(Slot.owner_id, Slot.actor_id, Slot.activation_id, Slot.state).where(
        Slot.instance_id == run.instance.id,
        Slot.state.in_([SlotState.AGREED, SlotState.RETURNED]),
    )
    rows = run.session.execute(query).all()
    if any(row.state == SlotState.RETURNED for row in rows):
        return set()
    agreed = {(row.owner_id, row.activation_id) for row in rows}
    touched = [slot for slot in run.session.identity_map.values() if isinstance(slot, Slot)]
    if any(slot.state == SlotState.RETURNED and slot.instance_id == run.instance.id for slot in touched):
        return set()
    agreed |= {
        (slot.owner_id, slot.activation_id)
        for slot in [*touched, *run.writer.rows[Slot]]
        if slot.instance_id == run.instance.id and slot.state == SlotState.AGREED
    }
    if choice == "consecutive":
        before = run.cause.id if run.cause is not None else None
        agreed = {(owner, number) for owner, number in agreed if number == before}
    return {owner for owner, _ in agreed if owner is not None}


def make_slots(run: "Run", activation: Activation, signers: Sequence[Signer]) -> list[Slot]:
    """Make the electorate: a slot each for the many-signer policies, else one, pooled when several may take it."""
    open_ones = [signer for signer in signers if signer.answer is None]
    if activation.policy == "single" and len(open_ones) > 1:
        slot = new_slot(run.instance, activation, None, open_ones[0].rule, 0)
        run.writer.add(slot, *(SlotCandidate(slot_id=slot.id, person_id=one.person_id) for one in open_ones))
        return [slot]
    vetoes = _veto_holders(run, activation)
    slots = []
    for position, signer in enumerate(signers):
        slot = new_slot(run.instance, activation, signer.person_id, signer.rule, position)
        slot.veto = signer.person_id in vetoes
        if signer.answer is not None:
            slot.state, slot.rule, slot.closed_at = signer.answer, signer.answered_by, run.at
        elif activation.policy == "sequence":
            slot.state = SlotState.WAITING
        slots.append(slot)
    run.writer.add(*slots)
    return slots


def _veto_holders(run: "Run", activation: Activation) -> frozenset[int]:
    rule = activation.settings.get("veto", "") if activation.policy == "vote" else ""
    return frozenset(people_of(run, rule, activation.scope)) if rule else frozenset()


def new_slot(instance: Instance, activation: Activation, owner: int | None, rule: str, position: int) -> Slot:
    """Return a ready slot of an activation."""
    return Slot(
        id=new_id(),
        activation_id=activation.id,
        instance_id=activation.instance_id,
        root_id=instance.root_id,
        paused=instance.status == InstanceStatus.SUSPENDED,
        owner_id=owner,
        state=SlotState.READY,
        position=position,
        found_by=rule[:300],
        due=activation.due,
        opened_at=activation.opened_at,
    )
