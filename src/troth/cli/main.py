"""The application: every command, in the order in which a person meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from troth import __version__
from troth.cli import (
    apikey,
    apply,
    archive,
    backup,
    catalog,
    check,
    choice,
    disclosure,
    doctor,
    erase,
    evidence,
    export,
    find,
    hold,
    init,
    job,
    laws,
    laws_explain,
    ledger,
    lint,
    mailbox,
    outbox,
    plan,
    read,
    recipient,
    rectify,
    replay,
    request,
    request_decide,
    request_steps,
    request_verify,
    restrict,
    schema,
    serve,
    staff,
    stores,
    sweep,
    task,
    webhook,
    why,
    worker,
)
from troth.cli import group as groups
from troth.cli import keys as keyring
from troth.cli import object as objections

app = groups.make("A privacy policy is a promise. Troth keeps it.")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"troth {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_version, help="Show the version.")
    ] = False,
) -> None:
    """Keep the promises of a privacy policy: see what is broken, do what is due, hold proof of it."""
    del version


app.command("init", short_help="Draft a project for a database.")(init.init)
app.command("lint", short_help="Check the project's files.")(lint.lint)
app.command("read", short_help="Split a policy text into sentences.")(read.read)
app.command("check", short_help="Say which promises are kept.")(check.check)
app.add_typer(plan.group, name="plan", short_help="Say what must happen now.")
app.command("why", short_help="Say why a row is still here.")(why.why)
app.command("apply", short_help="Carry a plan out.")(apply.apply)
app.command("find", short_help="Find a person in every store.")(find.find)
app.command("export", short_help="Hand people their data.")(export.export)
app.command("erase", short_help="Plan the erasure of people.")(erase.erase)
app.command("rectify", short_help="Correct a wrong value in every copy.")(rectify.rectify)
app.command("restrict", short_help="Keep people's data and let nobody use it.")(restrict.restrict)
app.command("object", short_help="Record an objection to a purpose.")(objections.object_)
app.add_typer(choice.group, name="choice", short_help="Record what people chose.")
app.add_typer(recipient.group, name="recipient", short_help="Know who is given data.")
app.add_typer(disclosure.group, name="disclosure", short_help="Write down whose data went where.")
request_steps.join(request.group)
request.group.command("verify", short_help="Prove who asks.")(request_verify.verify)
request_decide.join(request.group)
app.add_typer(request.group, name="request", short_help="Lead requests of people.")
app.add_typer(task.group, name="task", short_help="Do by hand what no program can.")
app.add_typer(hold.group, name="hold", short_help="Order something not to be deleted.")
backup.group.command("seal", short_help="Encrypt people's files, with a key for each.")(archive.seal)
backup.group.command("open", short_help="Read one person's part of an archive.")(archive.open_)
backup.group.command("shred", short_help="Put people's parts of all archives beyond use.")(archive.shred)
app.add_typer(backup.group, name="backup", short_help="Know which copies of the stores there are.")
app.command("replay", short_help="Erase again after a restore.")(replay.replay)
app.command("sweep", short_help="Look for people who had been erased.")(sweep.sweep)
app.add_typer(sweep.group, name="tombstone", short_help="List what was erased; say who came back.")
app.add_typer(laws.group, name="laws", short_help="Show what the laws say.")
app.add_typer(laws_explain.group, name="law", short_help="Explain the laws of a request.")
app.add_typer(mailbox.group, name="mailbox", short_help="Take in messages that came by mail.")
app.add_typer(outbox.group, name="outbox", short_help="Send and print the letters that wait.")
app.command("serve", short_help="Open the desk: web, worker and schedule.")(serve.serve)
app.command("worker", short_help="Do the jobs that wait.")(worker.worker)
app.add_typer(job.group, name="job", short_help="Hand plans to the workers.")
app.add_typer(keyring.group, name="keys", short_help="Rotate and destroy the ledger's keys.")
app.add_typer(staff.group, name="staff", short_help="Say who may sign in.")
app.add_typer(apikey.group, name="apikey", short_help="Give other systems keys.")
app.add_typer(webhook.group, name="webhook", short_help="Tell other systems of events.")
app.add_typer(evidence.group, name="evidence", short_help="Show and verify the proof.")
app.command("clock", short_help="Say by when a law wants something done.")(laws.clock)
app.add_typer(ledger.group, name="ledger", short_help="Copy Troth's own database.")
app.command("doctor", short_help="Say everything that is wrong, and what to do.")(doctor.doctor)
app.command("stores", short_help="Say whether each store answers, and what it can do.")(stores.stores)
app.command("catalog", short_help="Show what the stores look like.")(catalog.catalog)
app.command("grants", short_help="Print SQL for two roles.")(catalog.grants)
app.command("schema", short_help="Print the JSON Schema of the files.")(schema.schema)
