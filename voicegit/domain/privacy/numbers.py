"""Numbers that stand for one person: cards, bank accounts, national ids, dates of birth, order and account numbers."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy.quantities import NUMERIC_DATE, WRITTEN_DATE, Hit, digits
from voicegit.domain.privacy.reading import Reading, cued, matches

# ISO/IEC 7812: 12 to 19 digits.
_CARD_RUN = re.compile(r"(?<![\w.+])\d(?:[ .-]{0,2}\d){11,200}(?![\d])")
_GROUP = re.compile(r"\d+")
_CARD_WORD = re.compile(
    r"\b(?:cards?|visa|master ?card|amex|american express|maestro|diners|discover|jcb|karte|kreditkarte|kartennummer|tarjeta|carte)\b", re.IGNORECASE
)
_ISSUER = re.compile(r"3[0-9]|4|5|6|2[2-7]|1800|2131|1[38]0")
_LAST_FOUR = cued(
    "card visa mastercard amex debit credit",
    r"\b(?:card|visa|mastercard|amex|debit|credit)\b[^\d\n\0.]{0,24}\b(?:end(?:s|ing)?|last (?:four|4)(?: digits)?)\b[^\d\n\0]{0,24}(?P<number>\d{4})\b",
)

# ISO 13616 registry: the whole length of an IBAN by country.
_IBAN_LENGTH = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE", "18": "DK FI FO GL NL SD", "19": "MK SI", "20": "AT BA EE KZ LT LU MN XK", "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM SO TL", "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST",
        "26": "IS TR", "27": "BI DJ FR GR IT MC MR SM", "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA",
        "30": "JO KW MU", "31": "MT SC", "32": "LC", "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_START = re.compile(r"(?<![^\W_])(?P<country>[A-Za-z]{2})\d\d[ -]?(?=[A-Za-z0-9])")
_IBAN_WORD = re.compile(r"\biban\b", re.IGNORECASE)

_SSN = re.compile(r"(?<![\w-])\d{3}(?P<joint>[ -]|\s-\s)\d{2}(?P=joint)\d{4}(?![\w-])")
_NINO = re.compile(r"(?<![^\W_])[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D](?![^\W_])", re.IGNORECASE)
# At least nine digits each.
_LONG = (
    _SSN,
    re.compile(r"(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d\d(?!\w)"),  # BR CPF
    re.compile(r"(?<![\w.])756\.\d{4}\.\d{4}\.\d\d(?!\w)"),  # CH AHV
    re.compile(r"(?<![\w-])(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)[-+]\d{4}(?![\w-])"),  # SE personnummer
    re.compile(r"(?<![\w-])[0-3]\d(?:0[1-9]|1[0-2])\d\d[-+A]\d{3}[0-9A-Y](?![\w-])"),  # DK CPR, FI HETU
    re.compile(r"(?<!\w)[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?!\w)"),  # FR NIR
)
_LETTERED = (
    _NINO,
    re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)", re.IGNORECASE),  # IT codice fiscale
    re.compile(r"(?<!\w)[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?!\w)"),  # IN PAN
)
_DIGIT_LETTER = re.compile(r"\d[ .-]?[A-Za-z](?!\w)")
_DNI = re.compile(r"(?<!\w)([XYZ]|\d)[ .-]?(\d{6,7})[ .-]?([A-Z])(?!\w)", re.IGNORECASE)
_TAX_ID = re.compile(r"(?<![\w.-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-])")
_ID_WORD = (
    r"(?:ssn|social(?: security)?|social insurance|national insurance|ni|nino|nhs|passport|driver'?s?|driving|licen[cs]e(?: plate)?|number plate|tax(?:payer)?"
    r"|steuer-?id(?:entifikationsnummer)?|steuernummer|personalausweis|ausweis|reisepass|identity card"
    r"|identification|national id|id card|aadhaa?r|pan card|bsn|pesel|dni|nie|nif|cpf|sin|tfn"
    r"|medicare|vat|vin|itin|ein|versicherten?nummer|sozialversicherung(?:snummer)?|carta d'identità|codice fiscale)"
)
_SAID_AS_ID = cued(
    "ssn social insurance ni nino nhs passport driver drivers driving license licence plate tax taxpayer steuer steuerid steueridentifikationsnummer"
    " steuernummer personalausweis ausweis reisepass identity identification national id aadhar aadhaar pan bsn pesel dni nie nif cpf sin tfn medicare vat"
    " vin itin ein versichertenummer versichertennummer sozialversicherung sozialversicherungsnummer carta codice",
    rf"\b{_ID_WORD}\b(?! ?(?:rates?|returns?|included|free))(?: {{0,2}}(?:card|code|number|numbers|no\.?|num|nr\.?|id|#|licen[cs]e))*[^\w\n\0]{{0,4}}"
    r"(?:(?:is|was|it's|its|are|on|ist|of|lautet|as|ending|in|to|last|four|4|digits|es)[^\w\n\0]{1,3}){0,5}"
    r"(?P<number>(?=[\w-]{0,24}\d)[A-Z0-9]{1,20}(?:[ -]?\d[A-Z0-9]{0,12}){0,5})(?!\w)",
)
_ANSWERED_ID = cued(
    "ssn social passport license licence",
    r"\b(?:ssn|social security|passport|driver'?s? licen[cs]e)\b[^\d\n\0]{0,60}(?P<number>\d(?:[ -]?\d){3,11})(?!\w)",
)
_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]?\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE)

_BIRTHS = (
    cued(
        "born birth dob b birthdate geb geboren geburtsdatum né née nacido nacida nato nata",
        rf"\b(?:born|d\.?o\.?b\.?|date of birth|birth ?date|geb(?:oren|\.)?|geburtsdatum|née? le|nacid[oa]|nat[oa] il)\b[^\d\0]{{0,40}}?"
        rf"(?P<date>{NUMERIC_DATE}|{WRITTEN_DATE}|(?:19|20)\d\d\b)",
    ),
    cued("birthday", rf"\bbirthday(?:'s| is| was| falls)? ?(?:on|:)? {{0,2}}(?:the )?(?P<date>{NUMERIC_DATE}|{WRITTEN_DATE})(?!\w)"),
    cued(
        "birthday birth dob",
        rf"(?P<date>{NUMERIC_DATE}|{WRITTEN_DATE}),? (?:is|was|being) (?:my|his|her|their|the) (?:birthday|date of birth|dob)\b",
    ),
)

_NUMBER_WORD = r"(?: {0,2}(?:numbers?|no\.?|num|nr\.?|nummer|#|id|code|ref(?:erence)?|reference|confirmation))"
_IS = r"(?: {0,2}(?:[:=(#\"'*-]|is|was|ist|lautet|it's))"
_CODE = r"(?P<number>#?(?=[A-Za-z-]{0,12}\d)[A-Za-z0-9][A-Za-z0-9/-]{2,30}|#?\d[\d -]{3,24}\d)(?![\w%])"
_ORDER = (
    r"(?:orders?|bookings?|reservations?|ref(?:erence)?|confirmation|invoices?|tickets?|case|tracking|claims?|receipts?|transactions?|shipments?|parcel|package|serial|return|rma|pnr"
    r"|bestell(?:ung|nummer)?|auftrag(?:snummer)?|buchung(?:snummer)?|rechnung(?:snummer)?|pedido|commande|reserva)"
)
_ACCOUNT = (
    r"(?:acc(?:oun)?ts?|customer|member(?:ship)?|client|policy"
    r"|routing|sort|user|loyalty|frequent flyer|iban|bank|kunden?(?:nummer)?|konto(?:nummer)?|blz"
    r"|cuenta|compte|password|passcode|pin|cvv|cvc|username"
    r"|checking|savings|subscriber|patient|employee|student)"
)
_ORDER_WORDS = (
    "order orders booking bookings reservation reservations ref reference confirmation invoice invoices ticket tickets case tracking claim claims receipt"
    " receipts transaction transactions shipment shipments parcel package serial return rma pnr bestell bestellung bestellnummer auftrag auftragsnummer buchung"
    " buchungnummer rechnung rechnungnummer pedido commande reserva"
)
_ACCOUNT_WORDS = (
    "acct accts account accounts acc accs customer member membership client policy routing sort user loyalty flyer iban bank kunde kunden kundenummer"
    " kundennummer konto kontonummer blz cuenta compte password passcode pin cvv cvc username checking savings subscriber patient employee student"
)
_NAMED_NUMBER = cued(
    f"{_ORDER_WORDS} {_ACCOUNT_WORDS}",
    rf"\b(?:(?P<order>{_ORDER})|{_ACCOUNT})\b(?P<said>{_NUMBER_WORD}{{0,2}}{_IS}{{0,3}}) {{0,2}}{_CODE}",
)
_LOCATOR = cued(
    "booking confirmation reservation record pnr",
    r"\b(?:booking|confirmation|reservation|record locator|pnr)(?: (?:ref(?:erence)?|code|number|no\.?))?(?: is|:)? {1,2}(?P<number>(?-i:[A-Z0-9]{5,8}))(?!\w)",
)
_HASHED = re.compile(r"(?<!\w)#[A-Za-z]{0,4}-?\d{4,20}(?!\w)")
_LONG_RUN = re.compile(r"(?<![\w.,/#-])(?:[A-Z]{1,4}-?)?\d{6,24}(?![\w%]|[.,]\d)")
# How telephones are written in many countries: groups of at least two digits.
_GROUPED = re.compile(r"(?<![\w.,:/#$€£(-])\(?\d{2,5}\)?(?:[ -]\d{2,6}){1,4}(?![\w%]|[.,:/-]\d)")
_NEAR = re.compile(rf"\b(?:(?P<order>{_ORDER})|{_ACCOUNT})\b", re.IGNORECASE)
_CARRIER = re.compile(r"(?<!\w)1Z[0-9A-Z]{16}(?!\w)", re.IGNORECASE)
_SORT_CODE = cued("sort", r"\bsort code(?: is|:)? {0,2}(?P<number>\d\d[ -]\d\d[ -]\d\d)(?!\d)")


def seen(reading: Reading, country: str) -> Iterator[Hit]:
    """`country` adds the national ids whose form alone would be read into other countries' numbers."""
    plain = reading.plain
    for found in matches(reading, (_LOCATOR,), plain):
        if _spoken_code(found):
            yield (*found.span("number"), "order")
    if not reading.digits:
        return
    yield from ((*found.span("date"), "birth") for found in matches(reading, _BIRTHS, reading.text))
    if reading.left >= 11:
        yield from _cards(plain)
        yield from _ibans(plain)
    if reading.left >= 4:
        yield from _ids(reading, country)
        yield from ((*found.span("number"), "card") for found in matches(reading, (_LAST_FOUR,), plain))
    if reading.left:
        yield from _orders(reading)


def _cards(plain: str) -> Iterator[Hit]:
    for run in _CARD_RUN.finditer(plain):
        announced = bool(_CARD_WORD.search(plain, max(0, run.start() - 60), min(len(plain), run.end() + 30)))
        yield from _cards_in(plain, run, announced)


def _cards_in(plain: str, run: re.Match[str], announced: bool) -> Iterator[Hit]:
    """Neighbouring groups of digits that make up a card: by ISO/IEC 7812's check digit, or any 12 to 19 digits where a card is spoken of."""
    groups = list(_GROUP.finditer(plain, run.start(), run.end()))
    for first, group in enumerate(groups):
        number = ""
        for last in groups[first : first + 8]:
            number += last[0]
            if len(number) > 19:
                break
            if len(number) >= 12 and _ISSUER.match(number) and _luhn(number):
                yield group.start(), last.end(), "card"
    if announced and 12 <= len(digits(run[0])) <= 19:
        yield (*run.span(), "card")


def _luhn(number: str) -> bool:
    total = sum(int(char) for char in number[-1::-2]) + sum(sum(divmod(2 * int(char), 10)) for char in number[-2::-2])
    return total % 10 == 0 and number.strip("0") != ""


def _ibans(plain: str) -> Iterator[Hit]:
    for found in _IBAN_START.finditer(plain):
        length = _IBAN_LENGTH.get(found["country"].upper())
        end = _end_of(plain, found.start(), length) if length is not None else None
        if end is None:
            continue
        code = re.sub(r"[^A-Za-z0-9]", "", plain[found.start() : end]).upper()
        if _mod97(code) == 1 or _IBAN_WORD.search(plain, max(0, found.start() - 40), found.start()):
            yield found.start(), end, "iban"


def _end_of(plain: str, start: int, length: int) -> int | None:
    """Where `length` letters and digits end, with at most one space or hyphen between two; None if they do not end a word there."""
    at = start
    while length and at < len(plain):
        char = plain[at]
        if char.isascii() and char.isalnum():
            length -= 1
        elif char not in " -" or plain[at - 1] in " -":
            return None
        at += 1
    ends = at == len(plain) or not plain[at].isalnum()
    return at if length == 0 and ends else None


def _mod97(code: str) -> int:
    """ISO 13616: 1 for an IBAN without a typing error."""
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97


def _ids(reading: Reading, country: str) -> Iterator[Hit]:
    plain = reading.plain
    for pattern in _LONG if reading.left >= 9 else ():
        yield from ((*found.span(), "id") for found in pattern.finditer(plain))
    if _DIGIT_LETTER.search(plain):
        for pattern in _LETTERED:
            yield from ((*found.span(), "id") for found in pattern.finditer(plain))
        yield from ((*found.span(), "id") for found in _DNI.finditer(plain) if _checked(found))
    if plain.count(".") >= 3:
        yield from ((*found.span(), "id") for found in _IPV4.finditer(plain))
    if plain.count(":") >= 7:
        yield from ((*found.span(), "id") for found in _IPV6.finditer(plain))
    for found in matches(reading, (_SAID_AS_ID, _ANSWERED_ID), plain):
        if len(digits(found["number"])) >= 4:
            yield (*found.span("number"), "id")
    if country == "DE":
        yield from ((*found.span(), "id") for found in _TAX_ID.finditer(plain) if _iso7064(digits(found[0])))


def _checked(found: re.Match[str]) -> bool:
    """The check letter of a Spanish DNI or NIE."""
    number = digits(found[0].upper().translate({ord("X"): "0", ord("Y"): "1", ord("Z"): "2"}) if not found[1].isdigit() else found[0])
    return len(number) == 8 and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == found[3].upper()


def _iso7064(number: str) -> bool:
    """ISO 7064 mod 11,10, as in the German tax id: 11 digits."""
    check = 10
    for char in number[:10]:
        check = (((int(char) + check) % 10 or 10) * 2) % 11
    return len(number) == 11 and (11 - check) % 10 == int(number[10])


def _orders(reading: Reading) -> Iterator[Hit]:
    plain = reading.plain
    for found in matches(reading, (_NAMED_NUMBER,), plain):
        if _is_code(found["number"], bool(found["said"].strip())):
            yield (*found.span("number"), "order" if found["order"] else "account")
    if "#" in plain:
        yield from ((*found.span(), "order") for found in _HASHED.finditer(plain))
    if "1z" in reading.low:
        yield from ((*found.span(), "order") for found in _CARRIER.finditer(plain))
    yield from ((*found.span("number"), "account") for found in matches(reading, (_SORT_CODE,), plain))
    for found in _LONG_RUN.finditer(plain) if reading.left >= 6 else ():
        near = list(_NEAR.finditer(plain, max(0, found.start() - 40), min(len(plain), found.end() + 40)))
        if near:
            yield (*found.span(), "order" if any(word["order"] for word in near) else "account")


def _is_code(code: str, announced: bool) -> bool:
    """Whether it reads as somebody's number and not as a year, a size or a count."""
    count = len(digits(code))
    if code.startswith("#") or announced:
        return count >= 3 and not (code.isdigit() and count == 4 and code[:2] in {"19", "20"}) and not re.fullmatch(r"\d{1,3}-\d{1,3}", code)
    return count >= 5 or (count >= 3 and any(char.isupper() for char in code))


def _spoken_code(found: re.Match[str]) -> bool:
    code = found["number"]
    return any(char.isdigit() for char in code) or len(code) == 6


def guesses(reading: Reading) -> Iterator[Hit]:
    """Digits that nothing explains: groups as of a telephone, runs of nine and more anywhere, or a message that is nothing but a number."""
    if reading.left < 6:
        return
    plain = reading.plain
    for found in _GROUPED.finditer(plain):
        groups = re.findall(r"\d+", found[0])
        if 7 <= sum(map(len, groups)) <= 12 and groups[-1] != "000":
            yield (*found.span(), "phone")
    for found in _LONG_RUN.finditer(plain):
        alone = not (plain[: found.start()] + plain[found.end() :]).strip(" .!#")
        if alone or len(digits(found[0])) >= 9:
            yield (*found.span(), "account")
