from django.db import migrations

# What was sold before there were subscriptions gets one, paid for a month from its payment on.
SUBSCRIPTIONS = """
INSERT INTO servers_subscription (
    id, lease_until, fence, purchase_id, state, plan_id, seats, total_cents, tax_cents, tax_label,
    currency, reference, period_end, told_at, begun_at, revision, told_revision
)
SELECT gen_random_uuid(), '2000-01-01', 0, id, 'paid', plan_id, seats, total_cents, tax_cents, '',
    currency, reference, paid_at + interval '1 month', paid_at, paid_at, 0, 0
FROM servers_purchase WHERE state IN ('paid', 'fulfilled')
"""


def add_enterprise(apps, schema_editor):
    plans = apps.get_model("servers", "Plan").objects.using(schema_editor.connection.alias)
    for customer in ("individual", "team", "organization"):
        plans.filter(code=customer).update(customer=customer)
    plans.create(
        code="enterprise",
        label="Enterprise",
        customer="enterprise",
        position=3,
        unit_cents=None,
        per_person=True,
        people=1_000_000,
    )


class Migration(migrations.Migration):
    dependencies = [("servers", "0010_buying")]
    operations = [
        migrations.RunPython(add_enterprise, migrations.RunPython.noop),
        migrations.RunSQL(
            "UPDATE servers_purchase SET customer = plan.customer FROM servers_plan AS plan"
            " WHERE plan.code = plan_id",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(SUBSCRIPTIONS, migrations.RunSQL.noop),
    ]
