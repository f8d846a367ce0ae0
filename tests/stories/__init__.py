"""Days of people before a real browser, told by the words on the screen (`--browser`)."""
