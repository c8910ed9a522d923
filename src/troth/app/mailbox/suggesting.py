"""Which rights a text may be asking for, told by its words: a help for whoever reads it, and never a decision. Pure.

English, German, French and Spanish words that people use when they ask; what none of them fits gets no suggestion.
"""

from __future__ import annotations

import re

LOOKED_AT = 20_000
"""Characters of a message that are looked at: what people want stands early."""

_WORDS: dict[str, str] = {
    "access": r"copy of (?:all )?(?:my|the) (?:personal )?data|data (?:that )?you (?:hold|have|store)|subject access"
    r"|what (?:data|information) do you|\bDSAR\b|Art(?:icle|\.)? ?15\b|Auskunft|Kopie meiner Daten"
    r"|droit d['\u2019]accès|copie de mes données|derecho de acceso|copia de mis datos",
    "erase": r"\b(?:delete|erase|remove)\b.{0,60}\b(?:data|information|account|me|details)\b|right to be forgotten"
    r"|Art(?:icle|\.)? ?17\b|lösch|Löschung|supprim\w+ .{0,40}(?:données|compte)|effacement"
    r"|(?:eliminar|borrar|suprim\w+) .{0,40}(?:datos|cuenta)",
    "rectify": r"\b(?:correct|rectify|fix|update)\b.{0,60}\b(?:data|details|name|address|email|record)\b"
    r"|Art(?:icle|\.)? ?16\b|[Bb]erichtig|rectifi(?:er|cation|car)",
    "portability": r"portab|machine[- ]readable|Art(?:icle|\.)? ?20\b|Datenübertragbarkeit|portabilité",
    "restrict": r"restrict(?:ion)?\b.{0,40}\b(?:processing|use)|Art(?:icle|\.)? ?18\b|Einschränkung der Verarbeitung",
    "object-marketing": r"unsubscribe|stop (?:sending|e-?mailing)|(?:no more|keine) (?:ads|advertis\w+|marketing"
    r"|newsletters?|Werbung)|opt[- ]out of marketing|désabonn|darme de baja",
    "object": r"\bI object\b|right to object|Art(?:icle|\.)? ?21\b"
    r"|Widerspruch|widerspreche|m['\u2019]oppose|me opongo",
    "withdraw": r"withdraw (?:my )?consent|widerrufe|Widerruf|retire mon consentement|retiro mi consentimiento",
    "opt-out-sale": r"do not sell|don['\u2019]t sell|opt[- ]out of (?:the )?sale|stop selling|\bCCPA\b.{0,60}opt",
    "limit-sensitive": r"limit (?:the )?use of (?:my )?sensitive",
    "complain": r"\bcomplain(?:t|ing)?\b|[Bb]eschwerde|réclamation|reclamación",
    "appeal": r"\bappeal\b",
}
_PATTERNS = {right: re.compile(words, re.IGNORECASE) for right, words in _WORDS.items()}
_LANGUAGES = {
    "de": re.compile(r"\b(?:und|ich|nicht|bitte|meine|Daten|Sie)\b"),
    "fr": re.compile(r"\b(?:vous|mes|données|merci|bonjour|je|les)\b"),
    "es": re.compile(r"\b(?:mis|datos|gracias|ustedes|los|por|favor)\b"),
    "en": re.compile(r"\b(?:the|my|you|please|and|data|your)\b"),
}


def rights(text: str) -> tuple[str, ...]:
    """Name the rights a text seems to ask for, as kinds of request are called."""
    looked = " ".join(text[:LOOKED_AT].split())
    return tuple(right for right, pattern in _PATTERNS.items() if pattern.search(looked))


def language(text: str) -> str:
    """Guess the language of a text; English where nothing tells."""
    looked = text[:LOOKED_AT]
    counted = {name: len(pattern.findall(looked)) for name, pattern in _LANGUAGES.items()}
    best = max(counted, key=lambda name: counted[name])
    return best if counted[best] > counted["en"] else "en"
