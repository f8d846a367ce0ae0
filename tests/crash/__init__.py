"""Killing a worker at each thing it does: only run by `manage.py test --crash-points`."""
