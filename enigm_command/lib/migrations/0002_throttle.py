from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lib", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ThrottleBucket",
            fields=[
                (
                    "key",
                    models.BinaryField(max_length=16, primary_key=True, serialize=False),
                ),
                ("empty_at", models.DateTimeField()),
            ],
        ),
    ]
