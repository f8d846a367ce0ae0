"""What one operator proposed, in words that a second one can read before agreeing to it."""

from django.db import models
from django.db.models import Q

from accounts.models import Proposal
from audit.vocabulary import Action
from enigm_command.lib.fields import SealedText
from lifecycle.models.records import LONGEST_REFERENCE, Grounds, Reason, reason_label
from servers.models import Server


class ProposedAct(models.Model):
    """What shall be done to which server, and on what grounds. It has its proposal's id.

    Whether it waits and who answered it, says the proposal, whose digest covers all of this.
    """

    class Act(models.TextChoices):
        DELETE = Action.SERVER_DELETION_ORDERED.value, "delete"
        RESTRICT = Action.SERVER_RESTRICTED.value, "restrict"
        RETIRE = Action.SERVER_RETIRED.value, "retire"
        SUSPEND = Action.SERVER_SUSPENDED.value, "suspend"

    proposal = models.OneToOneField(
        Proposal, on_delete=models.CASCADE, primary_key=True, related_name="proposed_act"
    )
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="proposed_acts")
    act = models.CharField(max_length=40, choices=Act)
    code = models.CharField(max_length=20, choices=Reason)
    reference = SealedText(scope="server_id", max_length=LONGEST_REFERENCE)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="proposed_act_known",
                condition=Q(
                    act__in=[
                        "server.deletion_ordered",
                        "server.restricted",
                        "server.retired",
                        "server.suspended",
                    ]
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.server_id}"

    @property
    def grounds(self) -> Grounds:
        """On what the first operator proposed it."""
        return Grounds(Reason(self.code), str(self.reference))

    @property
    def reason_label(self) -> str:
        """The reason in words."""
        return reason_label(self.code)
