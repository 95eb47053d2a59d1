"""Why a message did not go out."""

from engine.errors import DubanError


class NotDelivered(DubanError):
    """The receiver could not be reached or is busy: worth another try."""

    code = "not-delivered"
    status = 502


class Refused(NotDelivered):
    """The receiver or our own guard said no: the same message would be refused again."""

    code = "refused"
