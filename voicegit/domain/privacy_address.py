"""Where somebody lives: streets of several countries, post office boxes, units, towns with their postal code."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy_quantities import Hit

_W = r"[^\W\d_][\w'’.-]{0,30}"
_CAP = r"(?-i:[A-ZÀ-ÖØ-ÞŁŚŻŹĆČŠŽŘĐİΑ-Ω])[\w'’.-]{0,30}"
_SIDE = r"(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\.?"
_SUFFIX = (
    r"(?:street|str|st|avenue|ave|av|road|rd|lane|ln|boulevard|blvd|drive|dr|court|ct|place|pl|terrace|ter|crescent|cres|close|square|sq|way|trail|trl|parkway|pkwy|circle|cir|highway|hwy"
    r"|alley|mews|gardens|grove|row|plaza|pike|turnpike|loop|bypass|esplanade|quay|walk|hill|rise|view|park|route|heights|ridge|crossing|landing|point|run|path|bend)"
)
# Suffixes that are everyday words: "2 hours on the way", "a 5 minute walk". In lower case they do not make a street.
_SURE_SUFFIX = r"(?:street|str|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|parkway|pkwy|terrace|crescent|highway|hwy|drive|court)"
_UNIT_WORD = r"(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|bldg|building|lot|no|nr|#)"
_UNIT = rf"(?:{_UNIT_WORD}\b\.? {{0,2}}#? {{0,2}}[\dA-Z][\w-]{{0,6}}|# {{0,2}}\d[\w-]{{0,6}})"
_STATE = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|A[AEP])"
_ZIP = r"\d{5}(?:-\d{4})?"
_POSTCODE = r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d[\dA-HJKPSTUW]?|[A-HK-Y]\d[\dABEHMNPRVWXY]?) ?\d[ABD-HJLNP-UW-Z]{2})"
_SEP = r"[ \t]{0,3}[,\n][ \t\n]{0,3}|[ \t]{1,3}"
_NUMBER = r"\d{1,6}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?"
_TOWN = rf"(?:(?:{_SEP}){_CAP}(?: {_CAP}){{0,3}})"
_AFTER = rf"(?:(?:{_SEP}){_UNIT}(?!\w)){{0,3}}(?:{_TOWN}{{0,2}}(?:{_SEP})(?:(?-i:{_STATE})(?:{_SEP})?{_ZIP}|(?-i:{_STATE}|[A-Z][a-z]{{3,12}})(?:{_SEP}){_ZIP}|(?-i:{_POSTCODE})|{_ZIP}|(?-i:{_STATE})(?!\w)))?"
_STOP = r"(?!(?:the|a|an|of|to|for|on|my|by|your|our|in|per|at|and|or|is|was|are|minutes?|mins?|hours?|days?|weeks?|months?|years?|miles?|km|people|times|more|percent|off|stars?|items?|blocks?)\b)"
_STREETS = (
    # US, UK: number, name, suffix
    rf"{_NUMBER},?(?: {_SIDE})? {{1,2}}(?:{_STOP}(?:{_W}|\d{{1,3}}(?:st|nd|rd|th)) {{1,2}}){{0,4}}?(?:{_STOP}(?:{_CAP}|\d{{1,3}} ?(?:st|nd|rd|th)) {{1,2}}{_SUFFIX}|{_STOP}{_W} {{1,2}}{_SURE_SUFFIX}|broadway)\b\.?(?: {_SIDE}(?!\w))?",
    r"\d{1,6} {1,2}(?:state |us |county )?(?:highway|hwy|route|rte|road|rd|fm|interstate) \d{1,4}(?!\w)",
    # DE, AT, CH, NL, Nordic, FI: the suffix is part of the word, the number follows
    rf"(?:{_CAP} ){{0,2}}[^\W\d_][\w'’.-]{{1,40}}?(?:straße|strasse|str\.|weg|platz|allee|gasse|damm|ufer|chaussee|steig|pfad|straat|laan|plein|gracht|kade|dijk|singel|steeg|dreef|lei"
    rf"|gatan|gata|vägen|vegen|veien|vej|gade|gate|stræde|stien|katu|kuja|polku|götu|stræti|braut|vegur|bakken)"
    rf",? {{1,2}}{_NUMBER}(?: ?[a-z](?!\w))?",
    rf"(?:Am|An der|An den|Auf der|Auf dem|Im|Zum|Zur|Unter den|Unter der|Hinter der|Vor dem) {_CAP}(?: {_CAP})? {_NUMBER}(?: ?[a-z](?!\w))?",
    # FR, BE: number first or last
    rf"\d{{1,4}}(?: ?(?:bis|ter|quater))?,? {{1,2}}(?:rue|avenue|av\.|boulevard|bd|place|allée|allee|chemin|impasse|quai|cours|route|square|passage)(?: {_W}){{1,6}}?(?= ?[,.;!?\n\0]|$| \d)",
    # IT, ES, PT, FR, PL: the kind of street first
    rf"(?:rue|avenue|avenida|av\.|avda\.?|boulevard|chemin|chaussée|via|viale|piazza|piazzale|corso|largo|vicolo|strada|contrada|calle|c/|plaza|paseo|carrer|camino|ronda|rua|travessa|praça|estrada|ul\.|ulica|aleja|al\.|plac|pl\.)"
    rf"(?: {{1,2}}{_W}){{1,6}},? {{1,2}}(?:n[°º]?\.? ?)?{_NUMBER}(?!\w)",
    # HU, and the Slavic countries' "u."
    rf"{_W} (?:u\.|utca|út|útja|tér|körút|köz|sor|ulice|nám\.|náměstí|ulica) {{1,2}}{_NUMBER}\.?(?!\w)",
    # boxes and forces' mail
    r"(?:p\.? ?o\.? ?box|post(?:al)? office box|postfach|apartado(?: de correos)?|casilla|boîte postale|b\.?p\.?) {1,2}#? ?\d{1,7}(?: \d{2,4}){0,2}",
    r"(?:psc|unit|cmr) \d{1,5},? box \d{1,6}(?:[\s,]{1,3}(?:apo|fpo|dpo) a[aep] \d{5})?|(?:(?:us[ns][sv]|ussv|usns|uscgc|uss) \w{1,20}[\s,]{1,3})?\b(?:apo|fpo|dpo) a[aep] \d{5}",
)
_STREET = tuple(re.compile(rf"(?<![\w.$€£#-])(?:{form}){_AFTER}", re.IGNORECASE) for form in _STREETS)
_ALONE = (
    re.compile(r"(?<!\w)(?:(?i:apt|apartment|suite|ste)\b\.?|Flat|Unit) #?(?:\d{1,5}[A-Za-z]?|[A-Z]\d{0,4})(?!\w|%)"),
    re.compile(rf"(?:(?<!\w){_CAP}(?: {_CAP}){{0,3}}, ?)?(?<!\w){_STATE},? {_ZIP}(?!\w)"),
    re.compile(rf"(?<!\w){_POSTCODE}(?!\w)"),
    re.compile(r"(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
)
_CODE_WORD = re.compile(
    r"\b(?:zip(?: ?code)?|post(?:al)? ?code|plz|postleitzahl|cap|code postal|código postal)\b[^\d\n\0]{0,20}(?P<code>\d{2,6}(?:[ -]\d{2,4})?(?!\w))",
    re.IGNORECASE,
)
# Said to be an address: then a name with a number is one in any country's form, and the town after it belongs to it.
_CUE = re.compile(
    r"\b(?:(?:my|our|his|her|their|new|home|work|mailing|billing|shipping|delivery|primary|secondary|current|old|following|the|same|street|postal|residential) address(?: \w{1,12}){0,3}?(?: is|:|\?| to| as| of [\w &.'’,-]{1,50}? is| at)"
    r"|address:|address is|liv(?:e|es|ed|ing) (?:at|in|on)|resid(?:e|es|ed|ing) (?:at|in|on)|located (?:at|on)|offices? (?:is|are) (?:at|on)"
    r"|(?:ship|send|deliver|mail|post)(?:ped|ed|s)? (?:it |them |this |that |everything )?to|moved (?:to|from)|wohn(?:e|t|haft) (?:in|an|am)|adresse (?:ist|lautet)|at|on|in|to|from)(?=[:\s])[:\s]{1,3}",
    re.IGNORECASE,
)
_WEAK = frozenset({"at", "on", "in", "to", "from"})
_PART = rf"(?:{_CAP}|\d{{1,6}}[A-Za-z]?|(?:de|la|le|les|du|des|der|den|van|von|el|di|da|do|del|della|dei|delle|a|of|u\.|út|utca|street|st)(?=\W))"
_SAID = re.compile(rf"(?:{_UNIT}|{_PART})(?:(?:,? |\n ?|, ?\n ?| ?\n, ?)(?:{_UNIT}|nan\b|{_PART})){{1,14}}", re.IGNORECASE)
_SAID_FORM = re.compile(r"\d{1,6}[A-Za-z]? [^\W\d]|[^\W\d_]{3,} \d{1,5}[A-Za-z]?(?!\w)")
_CALENDAR = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b|(?:gate|terminal|pier|platform|room|level|floor|chapter|step|section|page|line|version|highway|exit|table|seat|row|flight|windows|iphone|galaxy)\b",
    re.IGNORECASE,
)


def seen(masked: str) -> Iterator[Hit]:
    if any(map(masked.count, "0123456789")):
        for pattern in (*_STREET, *_ALONE):
            yield from ((*found.span(), "address") for found in pattern.finditer(masked))
        yield from ((*found.span("code"), "address") for found in _CODE_WORD.finditer(masked))
        yield from _said(masked)


def _said(masked: str) -> Iterator[Hit]:
    """What follows "my address is", "lives at": words and a house number. After a mere "at" only number, name, number or name and two digits."""
    for cue in _CUE.finditer(masked):
        found = _SAID.match(masked, cue.end())
        if found is None or not _SAID_FORM.search(found[0]) or _CALENDAR.match(found[0]):
            continue
        weak = cue[0].strip().lower() in _WEAK
        if not weak or re.match(r"\d{1,6} [^\W\d_][^\d\n]{2,40} \d{1,5}(?!\w)", found[0]):
            yield (*found.span(), "address")
