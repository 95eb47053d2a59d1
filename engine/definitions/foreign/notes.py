"""What the import has to tell: translated, ignored, refused, each with its place."""

from dataclasses import dataclass

TRANSLATED, IGNORED, REFUSED = "translated", "ignored", "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that the import did, left out or could not do.

    ``kind`` is ``translated``, ``ignored`` or ``refused``; what is refused is left as it is drawn, and publishing
    refuses it. ``line`` is that of the original file; ``what`` a sentence, Chinese " / " English.
    """

    kind: str
    element_id: str | None
    line: int
    what: str
