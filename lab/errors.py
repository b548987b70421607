"""What can go wrong with a lab, for the operator to read."""


class LabError(RuntimeError):
    """The lab cannot do what was asked; says what is missing or what the failing part said."""


class NotPlaced(LabError):
    """The call never left the caller's side."""
