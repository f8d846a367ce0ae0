"""A server with its members, their devices and its clock, and what must hold whatever they do."""
