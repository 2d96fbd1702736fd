"""Words that call a person, whatever a model thinks: rules in code that a customer cannot argue with.

English, by word forms and not by substrings; a business adds its own under `[gate.words]` of `policy.toml`.
Broad on purpose: a trigger too many costs a person a glance, one too few may cost the business.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from voicegit.domain.policy import Trigger

_PATTERNS: dict[Trigger, str] = {
    Trigger.ASKS_FOR_PERSON: r"""
        (speak(ing)?|talk(ing)?|chat(ting)?|connect(ed|ing)?|transfer(red)?|put\ me\ through|get\ me|reach|call|contact(ing)?)\ (me\ )?(to|with|back)?\ ?
            (a|an|the|your|some|another|any|one\ of\ (the|your))?\ ?(real\ |actual\ |live\ |human\ |other\ )*
            (human|person|agent|representative|rep|operator|manager|supervisor|owner|boss|someone|somebody|anyone|people|staff)\b
        | (real|actual|live|human)\ (human|person|agent|representative|rep|operator|being|support) | (anyone|someone|somebody)\ (human|real)
        | (have|get|can|could|ask|let)\ (someone|somebody|anyone|a\ person|a\ human)\ (please\ )?(to\ )?(call|phone|ring|contact|write|answer|help)
        | (are\ you|is\ this|am\ i\ (talking|speaking)\ (to|with))\ (a|an)\ (bot|robot|machine|ai|computer|human|real\ person)
        | (no|stop\ the|not\ a|hate)\ (bots?|robots?)\b | (want|need|like)\ (a|an|your)\ (human|person|agent|representative|manager|supervisor)
        | (than|not|talk|speak|chat|deal)\ (to|with)\ (a|an|the|this|your)\ (bot|robot|machine|ai|computer)
        | ^(an?\ )?(human|person|agent|operator|representative|rep|manager|supervisor|someone)(,?\ (please|now))?[.!?]*$
        | customer\ (service|support)\ (agent|representative|rep|person)""",
    Trigger.LEGAL_THREAT: r"""
        (my|a|our|his|her|their|the)\ (lawyer|attorney|solicitor|barrister)s? | (lawyer|attorney|solicitor)s?\b | lawsuits?
        | (small\ claims|court(?!\ (street|road|avenue|lane|square)\b)|tribunal)\b | litigat(e|ion|ing)
        | (sue|suing|sued)
        | legal\ (action|advice|steps|claim|department|team|notice|proceedings) | press(ing|ed)?\ charges | liable | liability | negligen(t|ce)
        | (consumer\ protection|trading\ standards|ombudsman|regulator|better\ business\ bureau|bbb|gdpr|data\ protection|attorney\ general)
        | (call|called|calling|contact|report\ (you|this|it)\ to)\ the\ (police|cops|authorities)""",
    Trigger.INJURY_OR_DANGER: r"""
        injur(y|ed|ies|ing) | (got|was|were|been|is|am|are|badly)\ (hurt|bleeding|burn(ed|t)|poisoned|electrocuted) | bleeding | unconscious
        | ambulance | hospital
        | gas(?!\ (stoves?|cookers?|ovens?|hobs?|ranges?|grills?|bills?|stations?|meters?)\b)
        | on\ fire | (a|the|house|kitchen|electrical)\ fire(?!\ (station|escape|department)\b) | smoke(?!\ stains?\b) | spark(s|ed|ing)? | electric(al)?\ shock
        | (cut|burn(ed|t)?|scald(ed)?|hurt)\ (myself|himself|herself|themselves|(my|his|her|their)\ (hand|finger|foot|arm|leg|head|face|eyes?))\b | stitches
        | fell\ (down|off|from)\ (the|a|my|our|your)\ (stairs|steps|ladder|chair|roof|balcony) | (call|called|calling|dial)\ (911|999|112) | emergency
        | (broke|broken|breaking)\ in(to)?\ (my|our|the)\ (home|house|flat|apartment)
        | allergic\ reaction | can(no|')?t\ breathe
        | suicid(e|al) | kill\ (myself|him|her|you|them) | hurt\ (myself|him|her|you|someone) | threaten(ed|ing)? | assault(ed)?
        | harass(ed|ment|ing)? | abus(e|ed|ive) | unsafe | danger(ous)?
        | swallow(ed|ing)? | (child|children|baby|toddler|kids?|son|daughter|boy|girl|dog|cat)\ (ate|drank)""",
    Trigger.MONEY: r"""
        refund(s|ed|ing)? | reimburs\w* | compensat\w* | money\ back | charge[sd]?\b | overcharg\w* | invoice[sd]? | bill(s|ed|ing)?\b
        | payments? | paid | pay\b | paying
        | discount(s|ed)? | cheaper | prices? | pricing | costs? | fees? | deposit(s|ed)? | vouchers? | coupons? | free\ of\ charge | for\ free
        | how\ much\ (is|are|do|does|would|will|for) | quotes? | [$€£]\ ?\d | \d\ ?([$€£]|dollars?|euros?|pounds?|bucks)""",
    Trigger.DAMAGE: r"""
        damag(e|es|ed|ing) | brok(e|en) | break(s|ing|age)? | scratch(es|ed|ing)? | stain(s|ed|ing)? | spill(s|ed|t|ing)? | crack(s|ed)?
        | chip(s|ped)\b | shatter(s|ed)? | smash(es|ed)?
        | dent(s|ed)?\b | rip(s|ped)\b | torn | tore | ruin(s|ed|ing)? | burn(ed|t)\ (a|the|my|our) | bleach(ed)? | discolou?r\w*
        | flood(s|ed|ing)? | leak(s|ed|ing)?
        | stolen | stole | theft | missing | (is|are|went|has)\ gone | lost\ (my|our|the) | (knocked|fell|dropped)\ (over|down|off|my|the|our)""",
    Trigger.COMPLAINT: r"""
        complain(t|ts|ed|ing)? | unhappy | dissatisfied | disappoint\w* | not\ (happy|satisfied|good\ enough|clean(ed)?|done)
        | terrible | horrible | awful | worst | poor(ly)? | sloppy | (bad|lousy)\ (job|work|service|experience)
        | never\ (came|showed|arrived|again) | (no|didn['’]?t|did\ not)\ show(ed)?(\ up)? | (nobody|no[ -]one)\ (came|showed|turned|arrived)
        | (was|were|is|are|came|very|too|always|hours?|minutes?|mins)\ late | missed\ (a|the|my|our|half) | unacceptable | rude | unprofessional""",
    Trigger.ANGER: r"""
        furious | angry | outrag(e|ed|eous) | disgust(ed|ing) | livid | ridiculous | fed\ up | sick\ (of|and\ tired) | appalled | appalling
        | scam(mers?)? | liars? | thieves | crooks?
        | (what|how)\ the\ (hell|fuck|heck) | fuck\w* | shit\w* | bullshit | damn\b | wtf | idiots? | useless | pathetic | a\ joke
        | hate\ (you|this)""",
    Trigger.VIP: r"(?!)",
}


_CLAIMS_MONEY = re.compile(
    r"\b(refund|reimburs|compensat|money back|overcharg|charged|discount|cheaper|voucher|coupon|deposit|for free|free of charge)", re.IGNORECASE
)


def claims_money(text: str) -> bool:
    """Whether money is asked back, off or away, and not only what something costs."""
    return _CLAIMS_MONEY.search(text) is not None


@lru_cache(maxsize=64)
def _compiled(trigger: Trigger, words: tuple[str, ...]) -> re.Pattern[str]:
    own = "".join(rf"|{re.escape(word)}" for word in words)
    return re.compile(rf"(?<!\w)(?:{_PATTERNS[trigger]}{own})(?!\w)", re.IGNORECASE | re.VERBOSE)


def fired(text: str, words: Mapping[Trigger, Sequence[str]]) -> tuple[Trigger, ...]:
    """The triggers that stand in a customer's words, in the order of `Trigger`. `words` adds the business's own."""
    return _fired(text, tuple((trigger, tuple(own)) for trigger, own in words.items()))


@lru_cache(maxsize=256)
def _fired(text: str, own: tuple[tuple[Trigger, tuple[str, ...]], ...]) -> tuple[Trigger, ...]:
    """One message is asked about several times in a turn."""
    words = dict(own)
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    flat = " ".join(re.sub(r"[*_~`]", "", shown.replace("’", "'")).split())
    shouted = len(flat) > 20 and sum(c.isupper() for c in flat) > 0.7 * max(1, sum(c.isalpha() for c in flat))
    return tuple(t for t in Trigger if _compiled(t, words.get(t, ())).search(flat) or (t is Trigger.ANGER and (shouted or "!!!" in flat)))
