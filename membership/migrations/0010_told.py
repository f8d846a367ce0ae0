from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("membership", "0003_seen_proofs")]
    operations = [
        migrations.AddField("joinrequest", "told_at", models.DateTimeField(null=True)),
    ]
