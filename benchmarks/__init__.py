"""What `manage.py bench` measures: on a scratch database, side by side, and never on real data."""
