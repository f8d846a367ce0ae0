"""All that happens by the clock. Each sweep finds its work in rows and may run at any time."""

from datetime import timedelta

MINUTE, NOW_AND_THEN, HOUR = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
SWEEPS: dict[str, timedelta] = {
    "audit.anchor": HOUR,  # commits to all logs in the platform's own
    "audit.retention": HOUR,  # erases personal values older than 400 days from the logs
    "audit.witness": NOW_AND_THEN,  # has the platform's log signed by somebody else
    "content.expire": MINUTE,  # removes what is due, drops past days
    "content.own_deletions": MINUTE,  # erases what members deleted of their own
    "content.partitions": NOW_AND_THEN,  # keeps a week of days ahead of the longest life
    "content.purges": MINUTE,  # rings again for orders that nobody carries
    "content.recount": MINUTE,  # counts the days that changed
    "lifecycle.creations": MINUTE,  # rings again for paid purchases without a server
    "lifecycle.deletions": MINUTE,  # rings for servers whose clock has run out
    "membership.join_requests": NOW_AND_THEN,  # forgets what was decided long ago or never
    "servers.stale_purchases": NOW_AND_THEN,  # ends purchases that were never paid
}
GRACE = timedelta(minutes=3)  # beyond twice its period before a sweep is called late
