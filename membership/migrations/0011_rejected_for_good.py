from django.db import migrations

from enigm_command.lib.fields import SealedText


class Migration(migrations.Migration):
    dependencies = [("membership", "0010_told")]
    operations = [
        migrations.AlterField("joinrequest", "display_name", SealedText(max_length=60, null=True))
    ]
