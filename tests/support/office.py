"""Purchases to approve, beside the demonstration's campaign: votes, parallel branches, photos, copies, an absence."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import tasks
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish
from engine.instances import start_instance
from engine.runtime import Engine
from engine.tasks.models import Slot
from tests.support.pictures import photo
from workflows.organisation.models import Person, Unit

PACKAGE = Path(__file__).parent / "packages/purchase"
DEPUTIES = ("deputy-medical", "deputy-nursing", "deputy-pharmacy", "deputy-technology")


class Office:
    """People who buy things, by their logins."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.db.read() as session:
            self.people = {one.login: one.id for one in session.scalars(select(Person))}
            self.units = {one.code: one.id for one in session.scalars(select(Unit))}
        publish(engine, read_folder(PACKAGE), by=None, note="采购")

    def ask(self, item: str, amount: int, *, pictures: bool = False, by: str = "office") -> int:
        """Start a purchase and fill in its request; returns the instance."""
        instance = start_instance(
            self.engine,
            package_key="purchase",
            variables={"item": item, "amount": amount},
            title=f"采购申请：{item}",
            initiator_id=self.people[by],
            unit_id=self.units["internal"],
        )
        data: dict[str, Any] = {
            "item": item,
            "amount": amount,
            "kind": "new",
            "needed": "2026-10-20",
            "reason": "现有设备使用超过十年，维修三次仍不稳定。\n更换后每天可多检查二十人次。",
            "note": "只给经办人看",
        }
        slot = self.slot(by, "apply", instance)
        if pictures:
            for field, name, colour in (("site_before", "旧设备.png", 150), ("site_after", "新设备.png", 215)):
                data[field] = [self._attach(slot, by, field, name, photo(colour))]
            data["quotes"] = [self._attach(slot, by, "quotes", "报价说明.txt", "三家供应商均已报价。".encode())]
        tasks.complete(self.engine, slot_id=slot, actor_id=self.people[by], data=data)
        return instance

    def agree(self, login: str, element: str, instance: int, opinion: str = "同意。") -> None:
        """Let somebody agree."""
        slot = self.slot(login, element, instance)
        tasks.agree(self.engine, slot_id=slot, actor_id=self.people[login], opinion=opinion)

    def to_head(self, item: str, amount: int, **more: Any) -> int:
        """Bring a purchase to the head's desk."""
        instance = self.ask(item, amount, **more)
        for login in DEPUTIES[:3]:
            self.agree(login, "deputies", instance)
        self.agree("medical-officer", "audit", instance, "手续齐全。")
        return instance

    def slot(self, login: str, element: str, instance: int) -> int:
        """Return somebody's open slot at a node."""
        with self.engine.db.read() as session:
            query = (
                select(Slot.id)
                .join(tasks.models.Activation, tasks.models.Activation.id == Slot.activation_id)
                .where(Slot.instance_id == instance, Slot.owner_id == self.people[login], Slot.closed_at.is_(None))
                .where(tasks.models.Activation.element_id == element)
            )
            return session.scalars(query).one()

    def _attach(self, slot: int, by: str, field: str, name: str, content: bytes) -> str:
        made = tasks.attach(
            self.engine, slot_id=slot, actor_id=self.people[by], field=field, filename=name, content=content
        )
        return str(made.id)


def furnish(engine: Engine) -> Office:
    """Put an afternoon's purchases on the desks of the demonstration's people."""
    office = Office(engine)
    office.ask("移动式超声诊断仪", 286_400, pictures=True)
    office.to_head("病区呼叫系统", 48_000)
    office.to_head("检验科离心机", 19_800)
    office.to_head("手术室无影灯", 96_500, pictures=True)
    return office
