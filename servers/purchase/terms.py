"""What whoever runs a server accepts. The version is kept with the purchase; a change of the text
is a new version, and nobody is held to words they were not shown.
"""

VERSION = "2026-11"
TEXT = (
    "I am responsible for administering this server lawfully, and so is every administrator I let"
    " in.",
    "I use its powers only over who may join, what is kept and for how long. They never let me read"
    " what people write, and I make no promise to anyone that they do.",
    "Enigm may restrict, suspend or end a server to protect people, the platform or the law. Each"
    " such act stands, with its reason, in the server's own log.",
)
