"""Who answers in a conversation: one bot or one desk at a time, and how it goes from one to the other."""
