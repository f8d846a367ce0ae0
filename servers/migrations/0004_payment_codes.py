from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("servers", "0003_plans"),)

    operations = (
        migrations.AddField(
            model_name="purchase",
            name="payment_code",
            field=models.BinaryField(max_length=16, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="purchase",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
    )
