"""What became of one case of a corpus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to try: a file, or one of the cases that a suite has for a file.

    ``number`` tells the cases of one file apart.
    """

    corpus: str
    file: str
    number: int = 0

    @property
    def label(self) -> str:
        return f"{self.file} #{self.number}" if self.number else self.file


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case's result: ``taken`` says that deployment accepted the diagram, ``passed`` that it did what it should.

    ``reason`` is a short text that is the same for cases that fail alike; ``detail`` is this one's own.
    """

    case: Case
    passed: bool
    taken: bool = True
    counts: bool = True
    reason: str = ""
    detail: str = ""
