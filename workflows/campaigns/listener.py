"""Keeps the matrix inside the turns: one UPDATE for a task opened or closed, whatever the campaign's size."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.orm import Session

from engine.instances.models import Instance, InstanceStatus
from engine.tasks.models import Activation
from workflows.campaigns.models import Campaign, CampaignStatus, CampaignUnit, CellState, UnitPhase
from workflows.findings.models import Finding

_BULK = {"synchronize_session": False}
_ENDINGS = {
    InstanceStatus.COMPLETED: CampaignStatus.COMPLETED,
    InstanceStatus.REJECTED: CampaignStatus.REJECTED,
    InstanceStatus.WITHDRAWN: CampaignStatus.REJECTED,
    InstanceStatus.TERMINATED: CampaignStatus.TERMINATED,
}


class CampaignListener:
    """Implements :class:`engine.ports.TurnListener`.

    A cell is *doing* while a task of its phase is open for the unit, *done* when all that opened are closed.
    Its percentage is the share of closed tasks, or what the task's ``duban:progress`` says it reaches.
    """

    def activation_opened(self, session: Session, instance: Instance, activation: Activation) -> None:
        """Count a task of a unit in a phase."""
        phase = activation.settings.get("phase")
        if not phase or instance.unit_id is None:
            return
        self._update(
            session,
            instance,
            str(phase),
            opened=UnitPhase.opened + 1,
            state=CellState.DOING,
            done_at=None,
            percent=case((UnitPhase.percent > 99, 90), else_=UnitPhase.percent),
        )

    def activation_closed(self, session: Session, instance: Instance, activation: Activation) -> None:
        """Count it as closed; the last one closes the cell."""
        phase = activation.settings.get("phase")
        if not phase or instance.unit_id is None:
            return
        last = UnitPhase.closed + 1 >= UnitPhase.opened
        reached = _percent_of(activation)
        share = (UnitPhase.closed + 1) * 100 // func.nullif(UnitPhase.opened, 0)
        going_on = _greatest(UnitPhase.percent, reached) if reached is not None else share
        self._update(
            session,
            instance,
            str(phase),
            closed=UnitPhase.closed + 1,
            state=case((last, literal(CellState.DONE.value)), else_=UnitPhase.state),
            percent=case((last, 100), else_=func.coalesce(going_on, 0)),
            done_at=case((last, literal(activation.closed_at, UnitPhase.done_at.type)), else_=UnitPhase.done_at),
        )

    def instance_started(self, session: Session, instance: Instance) -> None:
        """Link a unit's own instance, or a finding's, to its row."""
        variables = instance.variables
        if "finding_id" in variables:
            finding_id = int(variables["finding_id"])
            session.execute(
                update(Finding).where(Finding.id == finding_id).values(instance_id=instance.id),
                execution_options=_BULK,
            )
        elif instance.unit_id is not None and instance.parent_id == instance.root_id:
            session.execute(
                update(CampaignUnit)
                .where(CampaignUnit.campaign_id == _campaign(instance), CampaignUnit.unit_id == instance.unit_id)
                .where(CampaignUnit.instance_id.is_(None))
                .values(instance_id=instance.id),
                execution_options=_BULK,
            )

    def instance_ended(self, session: Session, instance: Instance) -> None:
        """End the campaign with its root instance."""
        if instance.parent_id is not None or instance.id != instance.root_id:
            return
        status = _ENDINGS.get(InstanceStatus(instance.status), CampaignStatus.COMPLETED)
        session.execute(
            update(Campaign)
            .where(Campaign.instance_id == instance.id)
            .values(status=status, ended_at=instance.ended_at),
            execution_options=_BULK,
        )

    def _update(self, session: Session, instance: Instance, phase: str, **values: Any) -> None:
        session.execute(
            update(UnitPhase)
            .where(UnitPhase.campaign_id == _campaign(instance))
            .where(UnitPhase.unit_id == instance.unit_id, UnitPhase.phase_code == phase)
            .values(**values),
            execution_options=_BULK,
        )


def _campaign(instance: Instance) -> Any:
    return select(Campaign.id).where(Campaign.instance_id == instance.root_id).scalar_subquery()


def _percent_of(activation: Activation) -> int | None:
    try:
        return min(99, max(0, int(activation.settings["progress"])))
    except (KeyError, TypeError, ValueError):
        return None


def _greatest(column: Any, number: int) -> Any:
    return case((column > number, column), else_=number)


def set_phase(
    session: Session, *, campaign_id: int, phase: str, state: CellState, at: datetime, unit_ids: list[int] | None
) -> int:
    """Set a phase's cells by hand (``campaign.phase``): a phase that the house does for all units."""
    done = state is CellState.DONE
    statement = (
        update(UnitPhase)
        .where(UnitPhase.campaign_id == campaign_id, UnitPhase.phase_code == phase)
        .values(state=state, percent=100 if done else UnitPhase.percent, done_at=at if done else None)
    )
    if unit_ids is not None:
        statement = statement.where(UnitPhase.unit_id.in_(unit_ids))
    return int(session.execute(statement, execution_options=_BULK).rowcount)  # type: ignore[attr-defined]
