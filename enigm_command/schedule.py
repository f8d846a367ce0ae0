"""All that happens by the clock. Each sweep finds its work in rows and may run at any time."""

from datetime import timedelta

from content.lifetimes import SWEPT_EVERY

MINUTE, NOW_AND_THEN, HOUR = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
SWEEPS: dict[str, timedelta] = {
    "accounts.challenges": NOW_AND_THEN,  # forgets what passkeys were asked and did not answer
    "accounts.confirmations": HOUR,  # forgets what was confirmed or proposed long ago
    "accounts.mails": MINUTE,  # rings again for mails that nobody is sending
    "accounts.notices": HOUR,  # forgets old notices, and addresses that nobody proved
    "accounts.recoveries": HOUR,  # forgets recoveries that can come to nothing any more
    "accounts.sessions": NOW_AND_THEN,  # forgets sessions that are over
    "audit.anchor": HOUR,  # commits to all logs in the platform's own
    "audit.retention": HOUR,  # erases personal values older than 400 days from the logs
    "audit.witness": NOW_AND_THEN,  # has the platform's log signed by somebody else
    "content.expire": SWEPT_EVERY,  # removes what is due, drops past days
    "content.own_deletions": MINUTE,  # erases what members deleted of their own
    "content.outgrown": NOW_AND_THEN,  # erases what a shorter policy put in the dark
    "content.partitions": NOW_AND_THEN,  # keeps a week of days ahead of the longest life
    "content.purges": MINUTE,  # rings again for orders that nobody carries
    "content.recount": MINUTE,  # counts the days that changed
    "content.withholdings": MINUTE,  # ends withholdings whose day has come
    "content.reconcile": HOUR,  # compares storage with the table, both ways
    "enigm_command.retention": HOUR,  # forgets what the register of records keeps no longer
    "enigm_command.throttle_buckets": NOW_AND_THEN,  # forgets whose tries were counted
    "lifecycle.creations": MINUTE,  # rings again for paid purchases without a server
    "lifecycle.deletions": MINUTE,  # rings for servers whose clock has run out
    "lifecycle.holds": MINUTE,  # lifts holds whose day has come
    "lifecycle.retirements": NOW_AND_THEN,  # announces, begins and ends retirements
    "membership.blocks": NOW_AND_THEN,  # lifts blocks whose day has come
    "membership.former_members": HOUR,  # forgets of whom nothing can be stored any more
    "membership.join_requests": NOW_AND_THEN,  # forgets what nobody answered
    "membership.queue_notices": NOW_AND_THEN,  # tells that people asked to join, once an hour
    "membership.spent": NOW_AND_THEN,  # forgets proofs and tokens that are over
    "servers.invitations": HOUR,  # forgets invitations that were over long ago
    "servers.provider_errands": MINUTE,  # rings again for what a provider has not been told
    "servers.stale_purchases": NOW_AND_THEN,  # ends purchases that nobody paid or answered
    "servers.subscriptions": NOW_AND_THEN,  # charges what is due, sees to what is late
}
GRACE = timedelta(minutes=3)  # beyond twice its period before a sweep is called late
