"""The command line ``duban``: lint, publish and play process packages. ``web.cli`` adds the servers."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from engine.definitions.errors import RefusedDiagram
from engine.definitions.model import LintFinding
from engine.definitions.packages import read_folder
from engine.definitions.publish import publish as publish_package
from engine.errors import DubanError, InvalidInput
from engine.runtime import Engine
from engine.store import migrate
from engine.wording import say
from workflows import importing, linting
from workflows.access.commands import token
from workflows.operations.batches import batches
from workflows.operations.heat import heat
from workflows.operations.incidents import incidents
from workflows.operations.instances import instances
from workflows.operations.messages import messages

LIBRARY = Path(__file__).resolve().parents[1] / "bpmn"
FAILED = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def duban() -> None:
    """督办：按流程图推进专项行动。/ Runs phased campaigns from BPMN packages."""


for command in (instances, incidents, batches, heat, messages, token):
    duban.add_command(command)


@duban.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
def lint(paths: Sequence[Path], as_json: bool) -> None:
    """Check diagrams, decisions, forms, packages or folders of packages.

    Exit status 0: nothing stands against publishing; 1: something does; 2: something could not be read.
    """
    from workflows.services import service_kinds

    findings = linting.lint_paths(paths, set(service_kinds()))
    if as_json:
        click.echo(json.dumps(linting.as_json(findings), ensure_ascii=False, indent=2))
    else:
        _tell(findings)
    raise SystemExit(linting.exit_status(findings))


@duban.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for the translated files.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def import_(paths: Sequence[Path], output: Path | None, as_json: bool) -> None:
    """Translate diagrams drawn for Camunda, Operaton, Flowable, Activiti, jBPM or SpiffWorkflow.

    Tells what was translated, ignored and refused, with element and line. Exit status 0: everything that counts was
    translated; 1: something was refused; 2: something is no diagram.
    """
    files = importing.import_paths(paths)
    written = [] if output is None else importing.write(files, output)
    if as_json:
        click.echo(json.dumps(importing.as_json(files), ensure_ascii=False, indent=2))
    else:
        for line in (*importing.lines(files), *map(str, written)):
            click.echo(line)
    raise SystemExit(importing.exit_status(files))


@duban.command("compile")
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 when something would change.")
@click.option("--force", is_flag=True, help="Overwrite designers' changes; the difference is shown.")
def compile_(folders: Sequence[Path], check: bool, force: bool) -> None:
    """Make diagrams, forms and decisions from the plan.yaml in each FOLDER.

    A designer's changes are merged with the plan's; where both changed the same place, nothing is written, the
    difference is shown, and the exit status is 1.
    """
    from workflows.plans.compiler.folder import compile_folder
    from workflows.plans.compiler.report import lines

    failed = False
    for path in folders:
        folder = path.parent if path.name == "plan.yaml" else path
        try:
            outcome = compile_folder(folder, check=check, force=force)
        except InvalidInput as error:
            told = (f"  {place} — {sentence}" for place, sentence in error.fields.items())
            raise click.ClickException("\n".join([f"{folder}: {error}", *told])) from error
        click.echo("\n".join(lines(folder, outcome)))
        failed = failed or (outcome.refused and not force) or (check and outcome.changes)
    if failed:
        raise SystemExit(FAILED)


@duban.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--note", default="", help="What changed.")
def publish(folder: Path, note: str) -> None:
    """Lint a package FOLDER and publish it in the configured database."""
    engine = _engine()
    try:
        version = publish_package(engine, read_folder(folder), note=note)
    except RefusedDiagram as error:
        _tell(error.findings)
        raise click.ClickException(str(error)) from error
    except DubanError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        say(
            "{key} 第 {version} 版已发布（{digest}）",
            key=version.key,
            version=version.version,
            digest=version.digest[:12],
        )
    )


@duban.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every package in bpmn/ that has a scenario, as a table.")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; as many as there are processors by default.")
@click.option("--library", type=click.Path(dir_okay=False, path_type=Path), help="Write the table as Markdown too.")
def play(folders: Sequence[Path], everything: bool, as_json: bool, jobs: int | None, library: Path | None) -> None:
    """Play the scenario of package FOLDERS on the real engine; exit status 0 only when every figure holds."""
    from workflows.scenarios.library import packages_of, play_folders

    chosen = list(folders) or (packages_of(LIBRARY) if everything else [])
    if not chosen:
        raise click.UsageError(say("请写流程包的文件夹，或 --all"))
    played = play_folders(chosen, jobs)
    results = [row.result for row in played.rows]
    passed = sum(result.ok for result in results)
    if as_json:
        report = {"played": len(results), "passed": passed, "results": [result.as_json() for result in results]}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2, default=str))
    elif everything:
        click.echo("\n".join(played.table()))
    else:
        for result in results:
            click.echo("\n".join(result.lines()))
    if library is not None:
        library.write_text(played.markdown(), "utf-8")
    if passed < len(results):
        raise SystemExit(FAILED)


@duban.command()
def demo() -> None:
    """Load the demonstration (invented people and a campaign part-way); running it again changes nothing."""
    from workflows.demo import load_demonstration

    load_demonstration(_engine())
    click.echo(say("演示数据已就绪"))


@duban.command()
def verify() -> None:
    """Prove that nobody changed the history; prints every broken place, exit status 1 when there is one."""
    from engine.history import verify_everything
    from workflows.application import build_engine, read_settings

    engine = build_engine(read_settings())
    found = migrate.current_revision(engine.db)
    if found != migrate.head_revision():
        raise click.ClickException(say("数据库表结构版本为 {found}，请先运行 duban migrate", found=found or say("空")))
    broken = verify_everything(engine.db, key=engine.history_key)
    engine.db.close()
    for place in broken:
        click.echo(f"instance {place.instance_id}, line {place.sequence}: {place.problem}")
    if broken:
        click.echo(f"历史记录有 {len(broken)} 处不符 / {len(broken)} broken places")
        raise SystemExit(FAILED)
    click.echo("历史记录完整 / the history is intact")


def _engine() -> Engine:
    """Return the configured engine, its tables brought up to date as by ``duban serve``."""
    from workflows.application import build_engine, read_settings

    engine = build_engine(read_settings())
    migrate.upgrade(engine.db)
    return engine


def _tell(findings: Sequence[LintFinding]) -> None:
    click.echo("\n".join(linting.lines(findings)))
