"""What people and files say, where it is shown or sent: as its signs, on every page, in every letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy

from desk import public_visits as visits
from desk.public_visits import Forms
from desk.serving import Project, Served

NAME = '<script>alert(1)</script> #read("/etc/passwd") {{ 7*7 }} ${7*7} [x](javascript:alert(1)) =1+1'
MARKED = """\
# Policy

<script>alert(1)</script> [Read more](javascript:alert(1)) and <a href="javascript:alert(2)">here</a>.
"""


def project_of(janusipm: Project, folder: object) -> Project:
    """Copy the project, with links in its files that run code."""
    copy = janusipm.copy(folder)  # type: ignore[arg-type]
    said = (copy.folder / "troth.yaml").read_text(encoding="utf-8")
    changed = said.replace("gdpr: gdpr@janusipm.com", 'gdpr: "javascript:alert(1)"')
    changed = re.sub(
        r"published: \{.*\}", 'published: {text: policy.md, url: "javascript:alert(1)"}', changed
    )
    assert changed.count("javascript:") == 2
    (copy.folder / "troth.yaml").write_text(changed, encoding="utf-8")
    (copy.folder / "policy.md").write_text(MARKED, encoding="utf-8")
    return copy


def test_no_link_of_the_policy_runs_anything(
    janusipm: Project, tmp_path_factory: object, serve: Callable[..., Served]
) -> None:
    """Where the text, a contact or the place of publication is no address on the web, it is shown as text or not."""
    folder = tmp_path_factory.mktemp("links") / "janusipm"  # type: ignore[attr-defined]
    visitor = serve(project_of(janusipm, folder)).visitor()
    for path in (
        "/",
        "/policy",
        "/contact/",
        "/complain/?place=IE",
        "/requests/?place=IE",
        "/.well-known/security.txt",
    ):
        page = visitor.get(path)
        assert page.status == 200, (path, page.words)
        assert not re.search(r'(?:href|src|action)="\s*javascript:', page.text), path
        assert "<script>alert" not in page.text
        assert "Contact: javascript:" not in page.text


def test_letters_say_what_people_wrote_as_signs(project: Project, serve: Callable[..., Served]) -> None:
    """In HTML, in plain text and on paper: nothing of a name is mark-up, a template or a program."""
    served = serve(project, TROTH_PROXY="yes")
    forms = Forms(served)
    forms.open(3)
    with visits.post(project) as mail:
        forms.filed(visits.somebody(served), "access", "signs@example.org", name=NAME)
        mail.wait("signs@example.org", r"(/r/)")
        assert mail.handler.mails
        for one in mail.handler.mails:
            message = message_from_bytes(one.content, policy=policy.default)
            pages = [part.get_content() for part in message.walk() if part.get_content_type() == "text/html"]
            assert "<script>alert" not in "".join(pages)
            assert not re.search(r'href="\s*javascript:', "".join(pages))
            plain = message.get_body(("plain",))
            assert plain is not None
            assert "49" not in plain.get_content().partition("Dear")[2].partition("\n")[0]
            assert "root:" not in one.content.decode("utf-8", "replace")
            assert message["Bcc"] is None
    who = ("--identity", "email:paper@example.org", "--name", NAME, "--reply-to", f"{NAME}\nStreet 1\nDublin")
    project.troth(
        "request", "open", "access", *who, "--channel", "letter", "--residence", "IE", "--by", "Sam"
    )
    said = project.troth("outbox", "list")
    number = re.findall(r"^\s*(?:letter:)?(\d+)\b", said, re.M)[-1]
    project.troth("outbox", "print", number, "--out", str(project.folder / "letter.pdf"), "--by", "Sam")
    content = (project.folder / "letter.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/JavaScript" not in content
    assert b"javascript:" not in content
