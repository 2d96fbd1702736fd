"""English forms that no rule gives: the common irregular verbs, plurals and comparisons as school grammars list them, written down for this module."""


def _table(lines: str) -> dict[str, frozenset[str]]:
    """Each base, the first word of its entry, with its forms."""
    return {base: frozenset(forms) for base, *forms in (entry.split() for entry in lines.split(","))}


VERBS = _table(
    """be am is are was were been being, awake awoke awoken, bear bore borne, beat beaten, become became, begin began begun, bend bent, bind bound,
    bite bit bitten, bleed bled, blow blew blown, break broke broken, breed bred, bring brought, build built, burn burnt, buy bought, catch caught,
    choose chose chosen, come came, creep crept, deal dealt, dig dug, do does did done doing, draw drew drawn, dream dreamt, drink drank drunk,
    drive drove driven, eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought, find found, flee fled, fly flew flown,
    forbid forbade forbidden, foresee foresaw foreseen, forget forgot forgotten, forgive forgave forgiven, freeze froze frozen, get got gotten,
    give gave given, go goes went gone going, grow grew grown, hang hung, have has had having, hear heard, hide hid hidden, hold held, keep kept,
    kneel knelt, know knew known, lay laid, lead led, lean leant, learn learnt, leave left, lend lent, lie lay lain, light lit, lose lost, make made,
    mean meant, meet met, mislead misled, misunderstand misunderstood, mistake mistook mistaken, overcome overcame, oversee oversaw overseen,
    overtake overtook overtaken, pay paid, prove proven, rebuild rebuilt, repay repaid, resell resold, retake retook retaken, rewrite rewrote rewritten,
    ride rode ridden, ring rang rung, rise rose risen, run ran, say said, see saw seen, seek sought, sell sold, send sent, sew sewn, shake shook shaken,
    shine shone, shoot shot, show shown, shrink shrank shrunk, sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, smell smelt,
    speak spoke spoken, speed sped, spell spelt, spend spent, spill spilt, spin spun, spoil spoilt, stand stood, steal stole stolen, stick stuck,
    sting stung, stink stank stunk, strike struck stricken, swear swore sworn, sweep swept, swell swollen, swim swam swum, swing swung,
    take took taken, teach taught, tear tore torn, tell told, think thought, throw threw thrown, tread trod trodden, undergo underwent undergone,
    understand understood, undertake undertook undertaken, undo undoes undid undone, wake woke woken, wear wore worn, weave wove woven, weep wept,
    win won, wind wound, withdraw withdrew withdrawn, withhold withheld, write wrote written,
    bet, burst, cast, cost, cut, hit, hurt, let, put, quit, read, rid, set, shut, split, spread, upset"""
)
"""Base to its other forms; the last line's have none that ends in -ed."""

PLURALS = _table(
    """analysis analyses, basis bases, calf calves, child children, crisis crises, criterion criteria, foot feet, goose geese, half halves, knife knives,
    leaf leaves, life lives, loaf loaves, man men, medium media, mouse mice, ox oxen, person people, phenomenon phenomena, scarf scarves, self selves,
    shelf shelves, thief thieves, tooth teeth, wife wives, wolf wolves, woman women"""
)

COMPARED = _table("bad worse worst, far farther farthest further furthest, good better best")
"""A guard on `good` finds "better"; one on `best` does not find "good", which hardly anybody means by it."""

ADJECTIVES = frozenset(
    """big black blue bold brief bright broad brown calm cheap clean clear cold cool cruel cute damp dark deep dense dim dry dull dumb fair fast fat few
    fine firm fit flat fresh full grand gray great green grey gross hard harsh high hot huge kind large late lean light long loose loud low mad mean mild
    narrow near neat new nice old pale plain polite poor proud pure quick quiet rare raw red rich ripe rough rude sad safe shallow sharp short sick simple
    slight slim slow small smart smooth soft solid sour steep stiff strange strict strong sweet swift tall tame tender thick thin tight tiny tough vague
    vast warm weak wet white wide wild wise young""".split()  # noqa: SIM905 - a list of words reads as one
)
"""Short adjectives, which are compared with -er and -est; those in -y are compared by rule."""

ALONE = frozenset(
    """carrier cleaner clothes clothing corporation customs evening goods hardly hers highly lately later latest nearly
    news ours shortly supplier theirs vacation wedding yours""".split()  # noqa: SIM905 - as above
)
"""Words that read as forms of others by rule and are words of their own."""
