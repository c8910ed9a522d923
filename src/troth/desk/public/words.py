"""Plain words for what the lower rooms say in codes: rights, states, letters, outcomes; translated when shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # the stubs alone know it

Text: TypeAlias = "str | _StrPromise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right in words."""

    title: Text
    is_: Text
    next_: tuple[Text, ...]
    """What happens once it was asked for."""
    about: Text = ""
    """What the text field of the form asks; empty where nothing is asked."""
    hint: Text = ""
    needed: bool = False
    """The form cannot do without that text."""


LOOK = _("We look for your data in all our systems.")
SURE = _("We make sure that it is you, so that nobody else gets or loses your data.")
DECIDE = _(
    "A person decides. If anything is not done, you are told why, by which rule, and where you can complain."
)
STOP = _("We stop as soon as we can. You need not prove who you are for this.")
TOLD = _("You get a letter that says what was done.")
ANY = _("Is there anything that helps us? (optional)")
ANY_HINT = _("For example what you are interested in, or since when you have been our customer.")

RIGHTS: dict[str, Right] = {
    "access": Right(
        title=_("See my data"),
        is_=_(
            "You get a copy of the data we hold about you, and are told what we use it for, who got it, "
            "and how long we keep it."
        ),
        next_=(SURE, LOOK, _("You download your data here, once, behind a code that we send you.")),
        about=ANY,
        hint=ANY_HINT,
    ),
    "know": Right(
        title=_("Know what is collected"),
        is_=_("You are told which kinds of data we hold, where they came from, why, and who got them."),
        next_=(SURE, LOOK, _("You get a letter with our answer.")),
        about=ANY,
        hint=ANY_HINT,
    ),
    "know-specific": Right(
        title=_("See the specific pieces of data"),
        is_=_("You get the very pieces of data that we hold about you."),
        next_=(SURE, LOOK, _("You download your data here, once, behind a code that we send you.")),
        about=ANY,
        hint=ANY_HINT,
    ),
    "portability": Right(
        title=_("Take my data elsewhere"),
        is_=_("You get the data you gave us in a form that other services can read."),
        next_=(SURE, LOOK, _("You download your data here, once, behind a code that we send you.")),
        about=ANY,
        hint=ANY_HINT,
    ),
    "rectify": Right(
        title=_("Correct my data"),
        is_=_("Data about you that is wrong is put right; what is missing is added."),
        next_=(SURE, _("We correct what is wrong, and tell those who got it from us."), DECIDE),
        about=_("What is wrong, and what is right?"),
        hint=_("One line each is enough, for example: the street is now 5 Mill Lane."),
        needed=True,
    ),
    "erase": Right(
        title=_("Erase my data"),
        is_=_(
            "Data about you is erased in all our systems. What a law makes us keep is kept for that alone, "
            "and you are told what and until when."
        ),
        next_=(
            SURE,
            LOOK,
            DECIDE,
            _("We erase it, look again, and tell you by when no backup holds it any more."),
        ),
        about=ANY,
        hint=_("For example if only some of your data is to go."),
    ),
    "restrict": Right(
        title=_("Restrict what is done with my data"),
        is_=_("Your data is kept but not used, for example while it is looked into whether it is right."),
        next_=(SURE, _("Use of your data stops while we look into it."), DECIDE),
        about=_("What is not to be used, and why?"),
        hint=_("For example: my address is being disputed."),
        needed=True,
    ),
    "object": Right(
        title=_("Object to a use of my data"),
        is_=_("You say that we should not use your data for something, for reasons of your own."),
        next_=(SURE, _("Use of your data for it stops while we look into it."), DECIDE),
        about=_("Which use do you object to, and why?"),
        hint=_("One or two sentences are enough."),
        needed=True,
    ),
    "object-marketing": Right(
        title=_("Stop advertising"),
        is_=_("We no longer use your data for advertising. You need no reason."),
        next_=(STOP, TOLD),
    ),
    "withdraw": Right(
        title=_("Withdraw my consent"),
        is_=_("You take back that you agreed. What rests on it ends; what was done before stays lawful."),
        next_=(STOP, TOLD),
        about=_("Which consent? (optional)"),
        hint=_("Leave it empty to withdraw all of it."),
    ),
    "opt-out-sale": Right(
        title=_("Do not sell or share my data"),
        is_=_("Your data is no longer sold, nor shared for advertising across other services."),
        next_=(STOP, TOLD),
    ),
    "limit-sensitive": Right(
        title=_("Limit the use of sensitive data"),
        is_=_("Sensitive data about you is used only for what you asked us for."),
        next_=(STOP, TOLD),
    ),
    "opt-out-automated": Right(
        title=_("No profiling"),
        is_=_("Machines no longer make decisions about you, or profiles for them."),
        next_=(STOP, TOLD),
    ),
    "automated-decision": Right(
        title=_("Have a person look at a decision"),
        is_=_("If a machine decided something about you, a person looks at it again."),
        next_=(SURE, _("A person looks at the decision and at what you say."), DECIDE),
        about=_("Which decision do you mean?"),
        hint=_("Say when it was made and what it was about."),
        needed=True,
    ),
    "complain": Right(
        title=_("Complain to us"),
        is_=_("You tell us what we did wrong with data. A person looks into it and answers."),
        next_=(_("A person looks into it."), _("You are told what came of it.")),
        about=_("What happened?"),
        hint=_("Say what is wrong and what you would like us to do."),
        needed=True,
    ),
    "appeal": Right(
        title=_("Appeal against a decision of ours"),
        is_=_("If we refused a request of yours, somebody else looks at it again."),
        next_=(_("Somebody who did not decide it before looks at it."), _("You are told what came of it.")),
        about=_("Which decision, and why do you think it is wrong?"),
        hint=_("If you have it, give the number of that request, as case:12."),
        needed=True,
    ),
}
"""Every kind of request."""

STATES: dict[str, tuple[Text, Text]] = {
    "new": (_("Received"), _("Your request is here. A person will look at it.")),
    "needs-customer": (
        _("We have a question"),
        _(
            "We hold data for other organisations. We asked you whose customer you are; please answer that letter."
        ),
    ),
    "referred": (
        _("Passed on"),
        _(
            "We hold this data for another organisation, which decides about it. Your request is with them, "
            "and they answer you."
        ),
    ),
    "identifying": (_("Received"), _("Your request is here. A person will look at it.")),
    "unverified": (
        _("Not confirmed yet"),
        _("It is not clear yet that the request comes from the person it is about. You can try again below."),
    ),
    "clarifying": (_("We have a question"), _("We asked you what you mean; please answer that letter.")),
    "deciding": (_("Being looked at"), _("A person is looking at your request.")),
    "doing": (_("Being carried out"), _("Your request was decided. We are carrying it out now.")),
    "answering": (
        _("Our answer is being written"),
        _("Your request was decided. You will have our answer soon."),
    ),
    "answered": (_("Answered"), _("We have answered your request.")),
    "closed": (_("Closed"), _("Your request is over.")),
}
"""Where a request stands; whether somebody is being asked who they are shows in none of them."""

OUTCOMES: dict[str, Text] = {
    "granted": _("We did what you asked for."),
    "partial": _("We did a part of what you asked for. Our answer says what was not done, and why."),
    "refused": _("We did not do what you asked for. Our answer says why."),
    "nothing-held": _("We hold no data about you. Our answer says where we looked."),
    "unverified": _("It could not be confirmed that the request comes from the person it is about."),
    "withdrawn": _("You gave it up."),
    "referred": _("It was passed on to the organisation that decides about the data."),
}

LETTERS: dict[str, Text] = {
    "acknowledgement": _("We have your request"),
    "identity": _("We ask you to confirm that it is you"),
    "which-customer": _("We ask whose customer you are"),
    "referral-told": _("We passed your request on"),
    "clarification": _("We ask what you mean"),
    "fee": _("What it costs"),
    "extension": _("It takes longer, and why"),
    "restriction-ends": _("The restriction ends"),
    "answer-access": _("Our answer"),
    "answer-erasure": _("Our answer"),
    "confirmation": _("Our answer"),
    "partial-refusal": _("Our answer"),
    "refusal": _("Our answer"),
    "nothing-held": _("Our answer"),
    "decision": _("Our answer"),
    "unverified": _("We could not confirm that it is you"),
}

ROUTES: dict[str, Text] = {
    "privacy": _("Privacy"),
    "phone": _("Telephone"),
    "post": _("By post"),
    "legal": _("Legal matters"),
    "help-desk": _("Help desk"),
    "support": _("Help desk"),
    "security": _("Security"),
    "dpo": _("Data protection officer"),
    "gdpr": _("Requests from Europe (GDPR)"),
    "ccpa": _("Requests from California (CCPA)"),
    "singapore": _("Requests from Singapore"),
}

NAMES = (
    _("Regulation (EU) 2016/679, General Data Protection Regulation"),
    _("the data protection authority of the country where you live or work"),
    _("the data protection authority of your Land or the BfDI"),
    _("Federal Data Protection and Information Commissioner"),
)
"""Names of laws and authorities that have one in other languages; templates translate them where they stand."""

FACTS: dict[str, Text] = {
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "username": _("User name"),
    "name": _("Name"),
    "first name": _("First name"),
    "last name": _("Last name"),
    "postcode": _("Postcode"),
    "zip": _("Postcode"),
    "city": _("Town"),
    "company": _("Company"),
    "created at": _("Day on which you became a customer"),
}
"""Facts on file by the names data maps give them; others are shown by those names."""
