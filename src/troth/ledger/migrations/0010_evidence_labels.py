"""List evidence by kind and by what it is about; entries that are there are labelled from their bodies."""

from django.db import migrations, models

from troth.evidence.labels import labels

CHUNK = 1_000


def label(apps, schema_editor):
    entries = apps.get_model("ledger", "EvidenceEntry").objects.using(schema_editor.connection.alias)
    last = -1
    while True:
        page = list(entries.filter(sequence__gt=last).order_by("sequence")[:CHUNK])
        if not page:
            return
        for entry in page:
            body = entry.body
            entry.kind, entry.about = labels(bytes(body) if not isinstance(body, str) else body.encode())
        entries.bulk_update(page, ["kind", "about"], batch_size=CHUNK)
        last = page[-1].sequence


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidenceentry",
            name="about",
            field=models.CharField(default="", max_length=300),
        ),
        migrations.AddField(
            model_name="evidenceentry",
            name="kind",
            field=models.CharField(default="", max_length=60),
        ),
        migrations.RunPython(label, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="evidenceentry",
            index=models.Index(fields=["kind", "sequence"], name="troth_evidence_by_kind"),
        ),
        migrations.AddIndex(
            model_name="evidenceentry",
            index=models.Index(fields=["about", "sequence"], name="troth_evidence_by_about"),
        ),
    ]
