"""Turns of phrase that say something of a need in so many words, found where they stand.

GoEmotions knows nothing of deadlines, distrust or brevity; these patterns do. Each has a prior
weight for the heads it speaks for (``PRIORS``), which the fit may change but starts from.
"""

import re
from collections.abc import Mapping

from ofone.readers.clean import Span

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WHEN = (
    r"(?:today|tonight|tomorrow|noon|midnight|" + _DAY + r"|(?:the )?\d{1,2}(?:st|nd|rd|th)\b"
    r"|the (?:first|end of (?:the|this) \w+)|next week|this week|(?:the )?weekend"
    r"|close of business)"
)
_ASK = r"(?:what|how|when|where|which|who|why|is|are|am|do|does|did|can|could|would|will|should)"

_PATTERNS: dict[str, str] = {
    "deadline": (
        r"\b(?:by|before|until|on or before|no later than|due|it's for|closes? on|ends? on"
        r"|stops? (?:at|on)|expires?(?: on)?|runs? out|lapses?) (?:next |this |the |on )?"
        + _WHEN
        + r"|\bdeadline|\bclosing (?:date|is|was)"
        r"|\bin (?:two|three|four|five|ten|\d{1,2}) (?:days|hours|minutes)\b"
        r"|\bwithin (?:the|a|\d{1,2}) (?:day|week|hour)"
    ),
    "hurry": (
        r"\basap\b|\burgent|\bhurry\b|\bimmediately\b|\bright away\b"
        r"|\bspeed (?:it|this|things)|\bfast[- ]?track|\bexpedite|\bexpress\b"
        r"|\bas soon as possible|\bquick(?:ly|est)?\b|\bcan'?t wait\b|\bout of time"
        r"|\bhow (?:soon|fast|quickly)\b|\bpriority\b|\bthe sooner\b|\bdelay"
    ),
    "no_hurry": (
        r"\bno (?:rush|hurry|pressure)\b|\bnot (?:in (?:a|any) )?(?:hurry|urgent|rush)\b"
        r"|\btake (?:all )?(?:your|the) time\b|\bwhenever\b"
        r"|\b(?:don'?t|no need to|not to) (?:rush|hurry)|\bcan wait\b|\bplenty of time\b"
        r"|\bown pace\b|\bpressed for time\b|\bno deadline\b"
    ),
    "worry": (
        r"\bworr(?:y|ied|ies|ying|ying)\b|\banxi|\bnervous|\bscared?\b|\bafraid\b|\bterrif"
        r"|\bfrighten|\bfear\b|\bdread|\bpanic|\bconcerned about\b|\buneasy\b"
        r"|\bstress(?:ed|ful)\b|\btense\b|\bsleep(?:less)? (?:over|thinking)|\bcan'?t sleep"
        r"|\bon edge\b|\bupset\b|\bnerves\b|\bunsettl"
    ),
    "no_worry": (
        r"\b(?:no|without|not|never|nothing|don'?t|wasn'?t|isn'?t) (?:\w+ ){0,2}(?:worr(?:y"
        r"|ied|ies)|concern(?:s|ed)?|stress(?:ed)?|nervous|afraid|bother(?:s|ing|ed)?)\b"
        r"|\brelaxed\b|\bat ease\b|\bpeace of mind|\bat peace\b|\bcomfortable\b|\bconfident\b"
        r"|\brelief\b"
    ),
    "checking": (
        r"\b(?:just|only) (?:checking|want to (?:make sure|be sure))|\bmake sure\b"
        r"|\bdouble check|\bdid you (?:definitely |really )?(?:get|receive)"
        r"|\bis (?:it|that|this) (?:normal|bad|usual|serious|okay|ok)\b|\bstill on track"
        r"|\b(?:any|an) (?:news|update)s?\b|\bheard (?:anything|nothing|back|by now|something)"
        r"|\bconfirm that\b|\bwhat if\b|\bwhat happens if\b|\bgo(?:es|ne)? wrong\b"
        r"|\bsomething wrong\b|\bmissing from my"
    ),
    "refusal": (
        r"\b(?:declin|reject|refus|denied|deny|turn(?:ed)? (?:me |us )?down|postpone|say no\b"
        r"|be a no\b|against me\b|found something|they find\b|did they (?:find|see))"
    ),
    "distrust": (
        r"\bscam|\btrust (?:companies|insurers|you any)"
        r"|\b(?:don'?t|not|no longer|never) (?:\w+ )?(?:trust|believe|rely)|\blied\b|\blying\b"
        r"|\bthe catch\b|\bhidden\b|\bhiding\b|\bsmall print|\bmislead|\bmisled|\bdishonest"
        r"|\bin writing\b|\bon paper\b|\bblack and white|\bprove?\b|\bproof that|\bverify\b"
        r"|\bpromise[sd]?\b|\bbroken? (?:your|their) (?:word|promise)"
        r"|\bsell(?:ing)? (?:my|what|our)|\bmy (?:data|records|medical file)\b|\bconfidential"
        r"|\bcomplain|\bregulator|\blicen[sc]ed\b|\bsceptical|\bskeptical"
        r"|\btoo good to be true|\btrick|\bexcuses?\b|\bguarantee|\breally (?:from|pay)"
        r"|\btelling (?:me )?the truth"
    ),
    "trust": (
        r"\bi (?:fully |completely )?trust (?:you|this|that)|\bconfidence in (?:you|your)"
        r"|\bkept (?:your|their) (?:word|promise)|\bgood hands\b|\bhonest with\b"
        r"|\bno (?:reason to|need to) (?:doubt|send proof)|\brely on you"
        r"|\bnever (?:let|disappointed)|\bi believe (?:you|what you)"
    ),
    "again": (
        r"\balready (?:gave|sent|told|filled|have|given|answered)|\bagain\b|\btwice\b"
        r"|\b(?:three|four|five|six|several|\d) times\b"
        r"|\b(?:second|third|fourth|fifth|\w+th) time\b|\bonce more\b|\bover and over\b"
        r"|\bevery single\b|\bkeep(?:s)? (?:asking|getting|failing)"
        r"|\bfrom (?:the )?(?:beginning|start|scratch)|\bstart over\b|\bback at\b"
    ),
    "hard": (
        r"\btoo (?:long|complicated|many|much)\b|\bcomplicated\b|\bhassle|\bpain to\b"
        r"|\btired of\b|\bexhaust|\bannoying|\bpaperwork\b|\b(?:gave|give) up\b|\bon hold\b"
        r"|\bcrash|\bfail(?:s|ed|ing)?\b|\bdoesn'?t work\b|\blogs? me out|\bpasswords?\b"
        r"|\beasier\b|\bhard to\b|\bcan'?t (?:find|get in|read)\b"
        r"|\banother (?:form|portal|password|document|signature|questionnaire)"
        r"|\bmore (?:forms|documents|work)|\bso many\b|\bhours? on this\b|\bclumsy\b"
        r"|\btrouble for\b|\bhalfway\b"
    ),
    "easy": (
        r"\b(?:easy|simple|smooth|effortless)\b|\bno (?:trouble|bother|problem)\b"
        r"|\bdon'?t mind (?:filling|sending|repeating)|\bpiece of cake|\bfirst try\b"
        r"|\bhappy to (?:send|fill|repeat)|\bin no time\b"
    ),
    "why": (r"\bwhy\b|\bhow come\b|\bfor what reason\b|\bthe reasons?\b|\bon what basis\b"),
    "explain": (
        r"\bexplain|\bexplanation|\bunderstand\b|\bdetails?\b|\bwalk me through|\bbreak down\b"
        r"|\bdifference|\bdiffer\b|\bcompar(?:e|ison)|\bhow (?:does|do|is|are) (?!i\b)"
        r"|\bwhat (?:does|is|are|exactly|happens (?:to|between|after)|factors|would change)\b"
        r"|\bmean(?:t|s)?\b|\btell me more|\bread (?:more|everything)|\bcurious\b"
        r"|\bconditions\b|\bbrochure|\bguide\b|\bcalculat|\bfigured\b"
    ),
    "brief": (
        r"\bbottom line\b|\bjust (?:tell|give|the|send)\b|\bshort (?:version|answer)"
        r"|\bkeep it (?:short|brief)|\btl;?dr\b|\byes or no\b|\bskip the\b|\bspare me\b"
        r"|\bin (?:one|two|a few) (?:word|sentence)"
        r"|\b(?:don'?t|no) (?:need|want|care|read) (?:\w+ ){0,3}(?:details|why|how|long"
        r"|explanation)|\bbullet points?\b|\bto the chase\b|\btoo much text\b|\bessentials\b"
        r"|\bonly want to (?:hear|know)\b|\ball i need\b|\bsummary\b"
    ),
    "choose": (
        r"\b(?:choose|pick|decide|select)\b"
        r"|\bmy(?:self)? (?:own )?(?:way|terms|decision|hands)\b|\boptions?\b"
        r"|\balternatives?\b|\breschedul"
        r"|\b(?:move|change|switch|pause|stop|cancel|undo) (?:my|the|it|this|that|from"
        r"|plans)\b|\bask (?:me )?(?:first|before)|\bwithout (?:asking|a word)|\binstead\b"
        r"|\bmy own\b|\bbefore (?:you|i have|anything)|\bhave a say\b|\bopt out\b"
        r"|\bwhich (?:days|times|dates)"
    ),
    "hand_over": (
        r"\barrange (?:it|everything)|\byou (?:decide|choose|pick)\b|\bfor me\b"
        r"|\bany (?:day|slot|time|appointment)\b|\bwhatever (?:you|is|suits)|\bhowever you\b"
        r"|\bleave (?:it|the|that|everything) to you|\btake care of everything"
        r"|\bas you see fit|\bi'?m (?:easy|fine with any)|\bno preference|\bup to you\b"
    ),
    "person": (
        r"\b(?:real |actual )?(?:person|human|somebody|someone|people)\b"
        r"|\b(?:talk|speak|chat) (?:to|with)\b|\badvis[eo]r\b|\bagent\b|\brepresentative\b"
        r"|\bconsultant\b|\bmanager\b|\bcall(?:s|ed)? me\b|\bcall (?:back|with)|\bring me\b"
        r"|\bphone (?:number|line)|\bover the phone|\bdirect number|\bface to face"
        r"|\bin person\b|\bput me through|\bmeet\b|\bvoice\b|\bstop by\b|\bcome over\b|\brobot"
        r"|\bsit down with"
    ),
    "alone": (
        r"\bby myself\b|\bdo it myself|\bon my own\b|\bself[- ]?service"
        r"|\b(?:don'?t|no need to|not|nobody has to) (?:need to )?(?:call|phone|ring)\b"
        r"|\bno (?:calls?|advis[eo]r|sales)\b|\bcall list"
        r"|\b(?:the|use an?) (?:app|portal|website)\b|\bonline\b|\ba link\b|\bthe link\b"
        r"|\bemail is enough|\bsales call"
    ),
    "waiting": (
        r"\bstill (?:nothing|no|waiting|says|pending|in review)\b"
        r"|\bfor (?:\w+ ){0,2}(?:days|weeks)\b|\bit'?s been\b|\bquiet\b|\bsilence\b"
        r"|\bnobody (?:answered|called|told)|\bwaiting\b|\blonger than\b|\bthis long\b"
        r"|\bsign of life"
    ),
    "illness": (
        r"\bmy (?:heart|blood|cholesterol|diagnos|father|mum|mother|condition|pills"
        r"|medication)|\blump\b|\bcancer|\btumou?r|\bdiabet|\basthma|\bstent\b|\bsurgery\b"
        r"|\bresults?\b|\bsample|\bneedles?\b"
    ),
}
_COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}
_QUESTION = re.compile(r"\?")
_SHOUT = re.compile(r"!{2,}|!")
_OPENS_ASKING = re.compile(r"^\W*" + _ASK + r"\b", re.IGNORECASE)
_NEGATED_PERSON = re.compile(
    r"\b(?:don'?t|no|not|nobody|without|isn'?t for me|rather than) (?:\w+ ){0,4}(?:call|phone"
    r"|advis|talk|person|somebody|anybody|anyone)",
    re.IGNORECASE,
)

CUES: tuple[str, ...] = (*_PATTERNS, "question", "opens_asking", "shout", "no_person", "long")
"""The order of the cues in a head's weights."""


def cues(text: str, span: Span) -> tuple[list[float], dict[str, list[Span]]]:
    """Strength of each cue of ``CUES`` in that part of the text, 0 to 1, and where they stand."""
    start, end = span
    places: dict[str, list[Span]] = {}
    found = []
    for name, pattern in _COMPILED.items():
        spans = [match.span() for match in pattern.finditer(text, start, end)]
        if spans:
            places[name] = spans
        found.append(min(len(spans), 2) / 2 + 0.5 if spans else 0.0)
    part = text[start:end]
    words = len(part.split())
    asked = len(_QUESTION.findall(part))
    found += [
        min(1.0, asked / 2 + 0.5) if asked else 0.0,
        1.0 if _OPENS_ASKING.match(part) else 0.0,
        1.0 if _SHOUT.search(part) else 0.0,
        1.0 if _NEGATED_PERSON.search(part) else 0.0,
        min(words, 40) / 40,
    ]
    return found, places


PRIORS: Mapping[str, Mapping[str, float]] = {
    "reassurance+": {
        "worry": 2.5,
        "checking": 2,
        "refusal": 2,
        "waiting": 1.5,
        "illness": 0.8,
        "no_worry": -2,
        "question": 0.5,
        "no_hurry": -0.5,
        "explain": -0.5,
    },
    "reassurance-": {
        "no_worry": 2.5,
        "easy": 0.8,
        "worry": -1,
        "checking": -2,
        "refusal": -1,
        "question": -1.5,
        "waiting": -1,
        "trust": 0.8,
    },
    "urgency+": {"deadline": 2.5, "hurry": 2.5, "no_hurry": -3, "shout": 0.5},
    "urgency-": {"no_hurry": 4, "deadline": -1, "hurry": -1},
    "trust+": {"distrust": 3, "trust": -3, "again": 0.3, "why": 0.3},
    "trust-": {"trust": 4, "distrust": -1},
    "effort_sensitivity+": {"again": 2, "hard": 2.5, "easy": -2, "brief": 0.3},
    "effort_sensitivity-": {"easy": 3, "hard": -1},
    "information+": {"explain": 2, "why": 2, "question": 0.8, "opens_asking": 0.5, "brief": -3},
    "information-": {"brief": 4, "explain": -0.5},
    "control+": {"choose": 3, "hand_over": -2},
    "control-": {"hand_over": 3.5, "choose": -0.5},
    "relationship+": {"person": 3, "alone": -2, "no_person": -3},
    "relationship-": {"alone": 3, "no_person": 3, "person": -0.5},
}
"""Log odds that a cue adds to "this text says so", before any sentence is seen (assumptions)."""

MOODS: Mapping[str, Mapping[str, float]] = {
    "reassurance+": {
        "nervousness": 0.7,
        "fear": 0.7,
        "sadness": 0.2,
        "confusion": 0.2,
        "remorse": 0.2,
        "grief": 0.2,
        "joy": -0.2,
        "gratitude": -0.2,
        "approval": -0.1,
    },
    "reassurance-": {
        "joy": 0.3,
        "relief": 0.4,
        "gratitude": 0.3,
        "optimism": 0.2,
        "approval": 0.2,
        "admiration": 0.2,
        "nervousness": -0.4,
        "fear": -0.4,
        "confusion": -0.2,
    },
    "trust+": {"anger": 0.2, "disapproval": 0.3, "annoyance": 0.2, "disgust": 0.2},
    "trust-": {"admiration": 0.2, "gratitude": 0.2, "approval": 0.2},
    "effort_sensitivity+": {"annoyance": 0.4, "anger": 0.2, "disappointment": 0.3},
    "effort_sensitivity-": {"joy": 0.2, "approval": 0.2},
    "information+": {"curiosity": 0.5, "confusion": 0.3},
    "relationship+": {"desire": 0.2},
}
"""The same for the logit of an emotion, per two units above its usual level."""
