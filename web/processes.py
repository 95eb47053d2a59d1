"""The processes that can be started now, for choosing one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from web.context import running_engine
from web.language import pick


def startable(session: Session) -> dict[str, str]:
    """Return the live packages' main processes by id, with their names in the page's language."""
    packages = running_engine().packages
    versions = session.scalars(select(PackageVersion).where(PackageVersion.live).order_by(PackageVersion.name)).all()
    return {packages.get(session, one.id).main_process: pick(one.name, one.name_en) for one in versions}
