"""The relay: every subscriber hears of every event that it asked for, in order in each conversation, however long it
was away."""
