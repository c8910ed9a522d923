"""A first guess at what kind of promise a sentence makes, by one table of words.

No network, no model: each kind has words and phrases with a weight; those in the sentence count fully, those
in its lead-in and headings less; the kind with the most wins, the earlier in the table where two have the
same. A guess is there to sort a first reading, never to decide anything. English only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

OTHER = "other"

TABLE: tuple[tuple[str, str, str], ...] = (
    (
        "breach",
        "breach; security incident; intrusion; data breach; security system breach",
        "aware of; affected",
    ),
    (
        "backup",
        "backup; back up; backup system; backup set; residual copy",
        "restore; archiving system",
    ),
    (
        "archive",
        "archive; archived; archiving; archived data",
        "",
    ),
    (
        "children",
        "children; child; minor; under the age of; legal guardian; parental",
        "parent",
    ),
    (
        "signal",
        "do not track; global privacy control; dnt; gpc; track feature",
        "",
    ),
    (
        "right-ccpa-know",
        "right to know",
        "ccpa; california",
    ),
    (
        "right-ccpa-delete",
        "right to delete",
        "ccpa; california",
    ),
    (
        "right-ccpa-optout",
        "opt out of the sale; do not sell; sale of personal information",
        "ccpa; california",
    ),
    (
        "right-nondiscrimination",
        "non discrimination; discriminate; right to non discrimination",
        "",
    ),
    (
        "identity-verification",
        "verify your identity; identification purpose; validate your identity",
        "identification",
    ),
    (
        "right-portability",
        "portability; data portability; machine readable; transfer of your personal data",
        "structured",
    ),
    (
        "right-restrict",
        "restriction of processing; right of restriction; restrict; restriction",
        "contested; contest",
    ),
    (
        "right-rectify",
        "rectification; rectify; rectified; correction of; inaccurate; right to rectify",
        "incomplete; accurate; correct",
    ),
    (
        "right-object",
        "right to object; object to; objection; objected",
        "direct marketing purpose",
    ),
    (
        "right-withdraw",
        "withdraw consent; withdraw your consent; withdrawal of consent; withdraw",
        "",
    ),
    (
        "right-erase",
        "right to be forgotten; erasure; erase; request deletion; deletion of your; removal "
        "of; right to delete; delete information",
        "delete; deletion; remove",
    ),
    (
        "right-access",
        "right of access; right to access; request access; access to your personal; copy of "
        "that data; access your",
        "access",
    ),
    (
        "right-complain",
        "lodge a complaint; complaint; supervisory authority; data protection authority; make a complaint",
        "ico",
    ),
    (
        "deadline",
        "within 45 day; respond within; within 30 day; will respond",
        "within",
    ),
    (
        "lawful-basis",
        "legal base; legal basis; lawful basis; basis of processing; legitimate interest; "
        "lawfully; when the law allow; performance of a contract",
        "necessary for our",
    ),
    (
        "legal-hold",
        "dispute resolution; legal claim; required to retain; minimal record; longer if "
        "required; tax law; regulatory requirement; not required to comply; retain certain "
        "data longer; litigation",
        "legal obligation; fraud prevention",
    ),
    (
        "deletion-mechanics",
        "destroyed; disposed of; securely deleted; confirmation of deletion; active system; "
        "disposed; provide confirmation",
        "secure manner; removed after",
    ),
    (
        "retention",
        "retention; retain; retained; how long; retention period; stored indefinitely; as "
        "long as; no longer required; limitation period; we keep",
        "year; month; storage of; stored temporarily",
    ),
    (
        "cookie",
        "cookie; clear gif; web beacon; pixel tag; tracking technology; local storage; "
        "disable cookie; third party cookie; our ad; ad network; advertising partner",
        "cookie; browser; tracking; widget",
    ),
    (
        "business-transfer",
        "merger; acquisition; business transaction; reorganization; sale of all; bankruptcy "
        "sale; disposal of all; sale or",
        "acquiring; purchaser",
    ),
    (
        "law-enforcement",
        "law enforcement; court order; subpoena; legal process; public authority; national security; warrant",
        "required by law; lawful request",
    ),
    (
        "anonymise",
        "anonymized; anonymised; aggregate; de identified; anonymous; non personal data",
        "statistic",
    ),
    (
        "transfer",
        "international transfer; data transfer; outside the united states; another country; "
        "standard contractual clause; overseas; onward transfer; adequacy; transferred to; "
        "located in the united states; non eu; outside of the uk; located outside",
        "transfer; jurisdiction; country",
    ),
    (
        "vendor-contract",
        "data processing agreement; contractual protection; contractual obligation; do not "
        "authorize them; contractually agree; not permitted to; on our instruction; duty of "
        "confidentiality",
        "solely; contractor",
    ),
    (
        "processor-role",
        "data processor; data controller; as a processor; independent data controller; on "
        "behalf of our client; controller; refer your request",
        "administrator; customer who own",
    ),
    (
        "security",
        "security measure; encryption; encrypt; safeguard; secure; security of; unauthorized "
        "access; protect your data; protect your information; technical and organizational; "
        "business need to know; limit access; limited access; data security",
        "security; protect; confidentiality",
    ),
    (
        "preference-channel",
        "opt out; unsubscribe; newsletter; marketing email; promotional email; promotional "
        "communication; marketing communication; opted in; can spam; postal mail; marketing "
        "choice; transaction related",
        "promotional; marketing; email you",
    ),
    (
        "consent",
        "your consent; with your consent; opt in; consent to; by using; you agree to; your "
        "acceptance; you acknowledge",
        "consent; agree",
    ),
    (
        "precedence",
        "in the event of a conflict; will control; will govern; does not apply; governed by "
        "their; privacy statement of; their respective privacy; policy will apply; "
        "supplement; not this one",
        "privacy policy of; prevail",
    ),
    (
        "policy-change",
        "change to this policy; update this policy; last updated; reviewed; revision; "
        "effective date; material change; policy ever change; update this privacy; change "
        "becoming effective; change to our privacy practice",
        "update; changes; from time to time",
    ),
    (
        "account-type",
        "personal account; work or school account; third party account; type of account; "
        "refer to that account",
        "account tied",
    ),
    (
        "sharing",
        "share; sharing; shared; disclose; disclosure; sell; service provider; reseller; "
        "affiliate; disclosed; with third party; following third party",
        "third party; vendor; partner; provide to",
    ),
    (
        "collection-category",
        "collect; collection; collected; information we collect; data we collect; category "
        "of; includes email; identity data; contact data; technical data; usage data; may "
        "contain name; ip address; email address; credit card; exposed to; obtain data about; "
        "gather information; provide information from; log into; identifying information; "
        "data includes",
        "information about you; phone number; username; browser type; name",
    ),
    (
        "purpose",
        "use your; to provide; to improve; purpose; how we use; we use data; in order to "
        "improve; to monitor; to detect; to personalize; to tailor; to communicate; to notify "
        "you; to administer; to manage; to advance; use data to; use the data; use the "
        "personal data; help us; let us; to deliver",
        "support; improve; analytic; advertise; personalize",
    ),
    (
        "contact-route",
        "contact us; please contact; by email; write to us; can be contacted; visiting the "
        "contact page; reach out; correspondence; ccpa request; gdpr request; contact jmark; "
        "contacting us; help desk request; sending an email to",
        "contact; telephone; question",
    ),
    (
        "choice",
        "you can decline; can control; choice; choose not; choose whether; you may choose; "
        "you can stop; control the use; setting",
        "choose; control; optional",
    ),
    (
        "notice",
        "please note; be aware; click here; for more information; please see; please read; to "
        "learn more; will find; will inform you; you should be aware; we encourage you; "
        "cannot guarantee; please refer; additional privacy information; learn more",
        "inform; notify; read",
    ),
    (
        "definition",
        "this policy applies; is a small; refer to as; are small text file; the definition; "
        "meaning; you have certain; you have right; who are; these right include; are "
        "sometimes called; session cookie; certain right; following right; this policy "
        "describe; explain what; provision apply; this policy",
        "include; called; applies; offered to",
    ),
)
"""(kind, words and phrases of weight 3, of weight 1), separated by semicolons."""

KINDS = frozenset({kind for kind, _, _ in TABLE} | {OTHER})
"""Every kind a sentence can be guessed to be."""

_WORD = re.compile(r"[a-z0-9]+")
_IN_SENTENCE, _IN_LEAD_IN, _IN_HEADING = 4, 2, 3
_LONGEST_PHRASE = 5
_LONGEST_READ = 2000
_LEAST = 4


def guess(text: str, *, lead_in: str = "", headings: tuple[str, ...] = ()) -> str:
    """Guess the kind of promise a sentence makes; `other` when nothing speaks for any."""
    scores: defaultdict[str, int] = defaultdict(int)
    parts = [(_weigh(text[:_LONGEST_READ]), _IN_SENTENCE), (_weigh_again(lead_in), _IN_LEAD_IN)]
    parts += [(_weigh_again(heading), _IN_HEADING) for heading in headings[-1:]]
    for found, factor in parts:
        for kind, weight in found.items():
            scores[kind] += weight * factor
    best = max(_ORDER, key=lambda kind: (scores.get(kind, 0), -_ORDER[kind]))
    return best if scores.get(best, 0) >= _LEAST else OTHER


def _weigh(text: str) -> dict[str, int]:
    scores: defaultdict[str, int] = defaultdict(int)
    for phrase in set(_phrases(text)):
        for kind, weight in _PHRASES.get(phrase, ()):
            scores[kind] += weight
    return scores


@lru_cache(maxsize=64)
def _weigh_again(text: str) -> dict[str, int]:
    """Weigh lead-ins and headings, which come once for each sentence under them."""
    return _weigh(text[-_LONGEST_READ:])


def _phrases(text: str) -> Iterator[tuple[str, ...]]:
    words = [_stem(word) for word in _WORD.findall(text.casefold())]
    for at in range(len(words)):
        for length in range(1, _LONGEST_PHRASE + 1):
            if at + length <= len(words):
                yield tuple(words[at : at + length])


def _stem(word: str) -> str:
    if word.endswith(("ie", "ies")) and len(word) > 4:
        return word[: word.rindex("ie")] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _index() -> Mapping[tuple[str, ...], tuple[tuple[str, int], ...]]:
    found: defaultdict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for kind, strong, weak in TABLE:
        for phrases, weight in ((strong, 3), (weak, 1)):
            for phrase in filter(None, (each.strip() for each in phrases.split(";"))):
                words = tuple(_stem(word) for word in _WORD.findall(phrase))
                found[words].append((kind, weight + len(words) - 1))
    return MappingProxyType({phrase: tuple(kinds) for phrase, kinds in found.items()})


_PHRASES = _index()
_ORDER: Mapping[str, int] = MappingProxyType({kind: at for at, (kind, _, _) in enumerate(TABLE)})
