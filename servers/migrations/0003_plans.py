from django.db import migrations

PLANS = [  # code, label, cents, for each person, people
    ("individual", "Individual", 12_00, False, 5),
    ("team", "Team", 6_00, True, 50),
    ("organization", "Organization", 5_00, True, 1_000),
]


def add_plans(apps, schema_editor):
    plan = apps.get_model("servers", "Plan")
    for position, (code, label, cents, per_person, people) in enumerate(PLANS):
        plan.objects.using(schema_editor.connection.alias).create(
            code=code,
            label=label,
            position=position,
            unit_cents=cents,
            per_person=per_person,
            people=people,
        )


class Migration(migrations.Migration):
    dependencies = [("servers", "0002_guards")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop)]
