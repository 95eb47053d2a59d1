"""Fills in forms and uploads files for the people of a scenario."""

from functools import partial
from typing import Any

from engine import tasks
from engine.tasks.formdata import rights_of
from engine.tasks.models import Activation, Slot
from workflows.organisation.tree import LOCAL
from workflows.scenarios.files import make_file
from workflows.scenarios.plausible import plausible
from workflows.scenarios.world import World


def filled_form(world: World, slot_id: int, actor: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return a task's form with the required fields that were left out; read-only ones are left alone."""
    with world.engine.db.read() as session:
        slot = session.get(Slot, slot_id)
        activation = session.get(Activation, slot.activation_id) if slot else None
        if activation is None or not activation.form:
            return data
        form, settings = world.package.forms.get(activation.form), activation.settings
    if form is None:
        return data
    rights = rights_of(settings, form)
    fields = tuple(one for one in form.fields if rights.get(one.key.split(".")[0], "edit") == "edit")
    today = world.clock.now().astimezone(LOCAL).date().isoformat()
    return plausible(fields, data, today, partial(upload, world, slot_id, actor))


def upload(world: World, slot_id: int, actor: int, field: str, filename: str) -> str:
    """Attach a small valid file of this name; returns its id."""
    content, _ = make_file(filename)
    attached = tasks.attach(
        world.engine, slot_id=slot_id, actor_id=actor, field=field, filename=filename, content=content
    )
    return str(attached.id)
