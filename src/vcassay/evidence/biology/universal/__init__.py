"""Question: does what holds for every cell hold: a silenced gene falls, known targets move as known."""

__all__: list[str] = []
