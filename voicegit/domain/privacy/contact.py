"""How to reach somebody: e-mail addresses, telephone numbers, and links that carry a secret or a person."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy.quantities import Hit, digits
from voicegit.domain.privacy.reading import Reading, cued, matches

_PROVIDER = r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|aol|gmx|web|proton|protonmail|live|msn|rediffmail|comcast|verizon|t-online|orange|mail)"
_TLD = r"(?:com|net|org|edu|gov|info|biz|io|co|me|us|uk|ca|au|nz|ie|in|de|at|ch|fr|es|it|nl|be|se|no|dk|fi|pl|cz|hu|pt|br|mx|jp|cn|eu)"
# RFC 5321 4.5.3.1: 64 octets before the @; a label of a domain has at most 63.
_MAILBOX = re.compile(r"[\w.+%'!#&*=/?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_OBFUSCATED = re.compile(
    r"[\w+%-]{1,64}(?:(?:\.| ?\(?\[?\b(?:dot|punkt|underscore|dash|hyphen)\b\]?\)? ?)[\w+%-]{1,64}){0,4}"
    r"(?: {0,2}(?:\(at\)|\[at\]|\{at\}|<at>|_at_|@) {0,2}| {1,2}(?:at|ät|arroba) {1,2})"
    r"[\w-]{1,63}(?P<dot>(?: {0,2}(?:\(dot\)|\[dot\]|\{dot\}) {0,2}| {1,2}(?:dot|punkt) {1,2}|\.)[\w-]{2,63}){1,4}(?!\w)",
    re.IGNORECASE,
)
_ENDS_IN_TLD = re.compile(rf"\W{_TLD}\W?$", re.IGNORECASE)
_KNOWN_PROVIDER = re.compile(rf"\b(?:at|@) {{1,2}}{_PROVIDER}\b", re.IGNORECASE)
_SPELLED_DOT = re.compile(r"\bat +[\w-]{1,63}\W{1,3}(?:dot|punkt)\b|[(\[{<]at[)\]}>]|@|_at_", re.IGNORECASE)
_MAIL_WORD = re.compile(r"\be-?mail\b|\bmy address\b", re.IGNORECASE)
# Cheap to look for, and nothing is obfuscated without it.
_AT = re.compile(r"[(\[{<]at[)\]}>]|_at_|@|\barroba |(?<= )at [\w-]{1,63}(?: dot |\.[a-z]| ?[(\[{]dot|punkt)|(?<= )ät ")
_AT_WORDS = frozenset(("at", "ät", "arroba"))
# The @ lost while typing: "rajgmail.com", "raj@gmail".
_LOST_AT = re.compile(
    r"(?<!\w)[\w.+-]{2,64}(?:gmail|hotmail|yahoo|icloud|rediffmail)\.?com\b|(?<!\w)[\w.+-]{1,64}@(?:gmail|hotmail|yahoo|icloud|outlook)\b", re.IGNORECASE
)

_URL = re.compile(r"\b(?:https?|ftp|wss?)://[^\s<>\"'\0]{1,2000}|\bwww\.[^\s<>\"'\0]{1,2000}", re.IGNORECASE)
_USER_INFO = re.compile(r"://[^/?#@]{1,200}@")
_SECRET_QUERY = re.compile(
    r"[?&#;](?:[\w-]{0,30}(?:token|key|secret|sig|signature|session|sid|auth|code|passw(?:or)?d|pwd|e?mail|user|customer|order|phone|name|hash|otp|invite|jwt)"
    r"[\w-]{0,30}|uid|id|u|t)=[^&#]",
    re.IGNORECASE,
)
_OPAQUE = re.compile(r"[/=](?=[A-Za-z_-]{0,40}\d)(?=[\d_-]{0,40}[A-Za-z])[A-Za-z0-9_-]{20,}|[/=][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}", re.IGNORECASE)

_EXT = r"(?: {0,2}(?:x|ext\.?|extension) {0,2}\d{1,6})?"
_INTERNATIONAL = re.compile(rf"(?<![\w+])(?:\+|00(?=[1-9 (-]))[ (-]{{0,2}}\d(?:[ .\-/()]{{0,3}}\d){{6,16}}{_EXT}(?!\d)")
_NORTH_AMERICA = re.compile(rf"(?<![\w.-])(?:1[ .-])?\(?\d{{3}}\)?[ .-]{{0,2}}\d{{3}}[ .-]{{1,2}}\d{{4}}{_EXT}(?![\w])")
_TRUNK = re.compile(rf"(?<![\w.,/-])\(?0\d{{1,5}}\)?(?:[ .\-/]{{1,3}}\d{{1,8}}){{1,6}}{_EXT}(?![\w])")
_PHONE_WORD = (
    r"(?:phone|telephone|call(?:ed|ing)?|cell(?:ular|phone)?|mobile|tel|text(?:ed|ing)?|sms|whats ?app|reach(?:ed)?|fax|ring|dial(?:led|ed)?|landline|contact"
    r"|call-?back|handy|telefon(?:nummer)?|mobil|rückruf|anrufen|teléfono|téléphone|portable|office|desk|my number|phone number"
    r"|number is|number's|numbers? (?:at|on))"
)
_PHONE_WORDS = (
    "phone telephone call called calling cell cellular cellphone mobile tel text texted texting sms whatsapp app reach reached fax ring dial dialed"
    " dialled landline contact callback back handy telefon telefonnummer mobil rückruf anrufen teléfono téléphone portable office desk number numbers"
)
_SAID_AS_PHONE = cued(_PHONE_WORDS, rf"\b{_PHONE_WORD}\b[^\d\n\0]{{0,40}}?(?P<number>[+(]{{0,2}}\d(?:[ .\-/()]{{0,3}}\d){{5,16}}{_EXT})(?![\w%])")
_NUMBER_THEN_PHONE = cued(
    _PHONE_WORDS,
    rf"(?<![\w.-])(?P<number>[+(]{{0,2}}\d(?:[ .\-/()]{{0,3}}\d){{5,16}}{_EXT}) {{0,2}}[(,-]{{0,2}} {{0,2}}(?:is (?:my|the|his|her) )?{_PHONE_WORD}\b",
)
_MAYBE = re.compile(r"(?<![\w.,:/#-])[+(]{0,2}\d(?:[ .\-/()]{0,3}\d){6,14}(?![\w%])")
_DIGIT_WORD = r"(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun)"
_SPELLED_NUMBER = cued(
    "zero oh o nought one two three four five six seven eight nine null eins zwei drei vier fünf sechs sieben acht neun",
    rf"(?<!\w)(?:(?:double|triple) )?{_DIGIT_WORD}(?:[ ,-]{{1,3}}(?:(?:double|triple) )?{_DIGIT_WORD}){{5,16}}(?!\w)",
)


def seen(reading: Reading, country: str) -> Iterator[Hit]:
    """`country` says how a number without a country code is read."""
    yield from _mail(reading)
    if "://" in reading.text or "www." in reading.low:
        yield from _links(reading.text)
    if reading.left >= 6:
        yield from _phones(reading, country)
    yield from ((*found.span(), "phone") for found in matches(reading, (_SPELLED_NUMBER,), reading.text))


def _mail(reading: Reading) -> Iterator[Hit]:
    text, low = reading.text, reading.low
    if "@" in text:
        yield from ((*found.span(), "email") for found in _MAILBOX.finditer(text))
    if "gmail" in low or "hotmail" in low or "yahoo" in low or "icloud" in low or "outlook" in low or "rediffmail" in low:
        yield from ((*found.span(), "email") for found in _LOST_AT.finditer(text))
    if ("@" in text or "_at_" in low or reading.has(_AT_WORDS)) and _AT.search(low):
        yield from _obfuscated(text)


def _obfuscated(masked: str) -> Iterator[Hit]:
    for found in _OBFUSCATED.finditer(masked):
        spelled = found[0]
        if not _ENDS_IN_TLD.search(spelled):
            continue
        # "meet us at example.com" is no mailbox; a spelled sign, a mail provider or the word e-mail before it makes it one.
        announced = _MAIL_WORD.search(masked, max(0, found.start() - 40), found.end())
        if _SPELLED_DOT.search(spelled) or _KNOWN_PROVIDER.search(spelled) or announced:
            yield (*found.span(), "email")


def _links(masked: str) -> Iterator[Hit]:
    """A plain public address stays: only user info, a query that names a secret or a person, or an opaque part makes a link personal."""
    for found in _URL.finditer(masked):
        url = found[0].rstrip(".,;:!?)]}")
        if _USER_INFO.search(url) or _SECRET_QUERY.search(url) or _OPAQUE.search(url):
            yield found.start(), found.start() + len(url), "url"


def _phones(reading: Reading, country: str) -> Iterator[Hit]:
    plain = reading.plain
    for pattern, least, most in ((_INTERNATIONAL, 8, 15), (_NORTH_AMERICA, 10, 11), (_TRUNK, 8, 13)):
        for found in pattern.finditer(plain):
            # E.164: at most 15 digits; an extension comes on top.
            if least <= len(digits(re.split("[xe]", found[0])[0])) <= most + 2:
                yield (*found.span(), "phone")
    yield from ((*found.span("number"), "phone") for found in matches(reading, (_SAID_AS_PHONE, _NUMBER_THEN_PHONE), plain))
    for found in _MAYBE.finditer(plain):
        yield from _in_use(plain, found, country)


def _in_use(plain: str, found: re.Match[str], country: str) -> Iterator[Hit]:
    """A number that stands alone, if its length and area code are given out in the country."""
    import phonenumbers  # Slow to load, and most messages hold no such digits.

    try:
        number = phonenumbers.parse(found[0], country)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(number):
        yield (*found.span(), "phone")
