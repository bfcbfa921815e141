"""Whether somebody asks not to be written to, in any reasonable words of four languages.

Three kinds of wording, from sure to unsure:

- a *keyword* that is the whole message or a sentence, however typed ("STOP!", "unsubscribe pls");
- a *request* that a clause begins with ("could you please stop texting me", "hört auf");
- a few *pleas* that mean it wherever they stand ("not interested stop texting me").

What only limits ("stop texting me after 8 pm"), asks ("no more messages?"), tells ("why did you
stop texting me") or means something else ("I'll stop by tomorrow", "cancel my appointment")
withdraws nothing: it is a reply, for a person to read. CTIA's keywords (STOP, STOPALL,
UNSUBSCRIBE, CANCEL, END, QUIT) are never missed.

Phrases are regular expressions, one to a line, over lower-case words without accents; a name in
capitals stands for its words, and ``(…)? `` or ``NAME* `` between words takes its blank along.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

Wish = Literal["stop", "start", "help"]

LONGEST = 2000
"""Characters that are looked at: a wish to be left alone is not made in an essay."""

_STOP = """
stop(p|all| all| it| this| that| now| already| immediately| everything)?
stop (who|wrong number|please|pls|not interested|i'?m not|i am not)\\b.*
unsub(scribe)?|opt[ -]?out|revoke|remove me|cease and desist
abmelden|abbestellen|austragen|aufhoe?ren
baja|basta( ya)?|paren?|parar|desuscribir(me|se)?|cancelar( la)? suscripcion
arret|arrete[zr]?( ca)?|desabonner|desabonnement|desinscrire|desinscription
"""
# Alone they end messages; with other words beside them they may be about an appointment.
_STOP_ALONE = "cancel|end|quit|ende|cancelar|alto|fin"
_START = "start|unstop"
_HELP = "help|info|hilfe|ayuda|aide"

_COURTESY = (
    "please|pls|plz|kindly|just|ok|okay|hi|hello|hey|sorry|thanks|thank you|thx|again|now|sir"
    "|bitte|danke|hallo|jetzt|sofort|endlich|einfach|por favor|porfa|gracias|hola|ya|ahora"
    "|s'il (?:vous|te) plait|svp|stp|merci|bonjour|maintenant"
)
_LEAD = (
    "COURTESY|no|nein|non|and|so|but|then|und|aber|also|y|pero|et|mais|alors|seriously|guys"
    "|(?:can|could|would|will) (?:you|u)|i (?:want|need|would like|ask|beg) you to"
    "|i'd like you to|i'?m asking you to|i (?:said|(?:told|asked) you)(?: to)?"
    "|you (?:must|should|need to|have to|guys)"
    "|koe?nn(?:t|en|ten) (?:sie|ihr)|ich bitte sie|ich habe gesagt"
    "|pueden?|podrian?|les pido que|he dicho que"
    "|(?:pouvez|pourriez)[ -]vous|veuillez|merci de|je vous (?:demande|prie) de"
)

_EN = {
    "NEWS": "te?xts?|sms|smses|text messages?|messages?|msgs?|messaging|te?xting|notifications?"
    "|alerts?|reminders|spam|e-?mails?|contact|communications?",
    "WRITING": "te?xting|messaging|contacting|writing|e-?mailing|spamming|harassing|bothering"
    "|bugging|annoying|pestering|notifying|reminding|sms(?:ing)?",
    "GETTING": "send(?:ing)?|getting|receiving|get|receive",
    "WRITE": "te?xt|message|contact|write|sms|msg|e-?mail|bother|notify",
    "THESE": "all|any|the|these|those|your|this|more|further|with|w|of|me|us|such|to|stupid",
    "STOP": "stop|quit|cease|discontinue|end",
    "DONT": "do not|don't|dont|never",
    "LIST": "of|from|your|this|the|all|any|every|mailing|text|sms|contact|call|phone|list",
    "WANT": "want|wish|would like|need",
}
_EN_REQUESTS = """
STOP THESE* WRITING\\b
STOP THESE* GETTING THESE* (NEWS\\b|anything|stuff|these$|this$|those$)
STOP (GETTING|GETTING me|text|message|contact|text me|contact me)$
STOP THESE* NEWS$
DONT (ever|please|you)? WRITE( to| or \\w+)? (me|us|this number|here)$
DONT (ever|please|you)? WRITE( to| or \\w+)? (me|us|here) (again|any ?more|please)\\b
DONT (ever|please|you)? WRITE (me|us) (on|at) (this|my) (number|phone|mobile|cell)$
DONT (ever|please)? (te?xt|message|contact|sms)$
DONT (ever|please)? WRITE (again|any ?more)\\b
DONT (ever|please)? send (me|us)? (anything|any|more|further|these|your|those)? THESE* NEWS\\b
DONT (ever|please)? send (me|us)? (anything|more|these|this)? (else|again|any ?more)$
i (DONT|no longer) (want|wish|like|need) (to)? (get|receive|have)? THESE* (NEWS|anything)$
i (DONT|no longer) (want|wish) to be (contacted|texted|messaged)\\b
i (want|wish) no (more|further)? THESE* NEWS$
(remove|take|get|delete|drop) (me|my number) (off|out)? LIST* (list|lists|database)$
(remove|delete|lose|forget) my (phone|mobile)? number$
(i|i WANT to|i'd like to|how do i|how can i)? (unsubscribe|opt ?-?out)$
(unsubscribe|opt) (me|this number|my number)( out)?$
(i WANT to|i'd like to|how do i|how can i)? (unsubscribe|opt ?-?out) (from|of) THESE* (NEWS|list)$
(how do i|how can i|i WANT to|i'd like to) STOP GETTING? THESE* (NEWS|these|this)$
(i)? (hereby)? (withdraw|revoke|cancel) (my)? consent\\b
i (DONT|no longer) consent( to THESE* (NEWS|this|these))?$
i (DONT|no longer) (want|wish|like) to hear$
(i'm|im|i am)? opting out$
block me$
leave (me|us) (alone|be)$
(fuck|piss|bugger) off$
"""
_EN_NOUNS = """
(i want|i need)? (no|enough) (more|further|with)? THESE* NEWS( me| us)?$
"""

_DE = {
    "NEWS": "sms|nachrichten?|textnachrichten?|mitteilungen?|benachrichtigungen?|erinnerungen"
    "|texte|e-?mails?|mails?|werbung|spam",
    "WHO": "sie|ihr|du|mir|mich|uns|an mich|von ihnen|von euch|bitte"
    "|damit|jetzt|endlich|sofort|doch|ab sofort",
    "WRITE": "schreib(?:e|t|en)?|schick(?:e|t|en)?|send(?:e|et|en)|kontaktier(?:e|t|en)?"
    "|text(?:e|et|en)",
    "WRITING": "schreiben|schicken|senden|texten|kontaktieren|belae?stigen|nerven|stoe?ren",
    "WANT": "moe?chten?|wuensche|wunsche|will|wollen|mag|brauche",
    "SUCH": "die|diese|weiteren|solchen|ihrer|eurer|diesen|den|ihren|euren|allen",
}
_DE_REQUESTS = """
hoe?r(e|t|en)? WHO* auf$
stopp(t|en)? (sie)? (bitte)? SUCH? NEWS$
hoe?r(e|t|en)? WHO* auf WHO* (mit SUCH? NEWS|NEWS zu WRITING|zu WRITING)$
WRITE WHO* (nicht mehr|nie wieder|nie mehr|nichts mehr)\\b
WRITE WHO* keine SUCH? NEWS\\b
(ich|wir) WANT WHO* keine SUCH? NEWS( mehr)?( bekommen| erhalten| haben| empfangen)?$
(ich|wir) WANT WHO* nicht (mehr|weiter) (kontaktiert|angeschrieben|benachrichtigt) werden$
(ich|wir) WANT WHO* keinen kontakt( mehr)?$
(ich WANT)? (mich)? (bitte)? (abmelden|austragen)( von SUCH NEWS)?$
meld(e|et|en) (sie)? mich (bitte)? (hier|davon)? ab$
(nehmt|nehmen|nimm|streichen|loe?schen) WHO* (aus|von) \\w+ (verteiler|liste)( raus)?$
loe?sch(e|t|en) (sie)? (bitte)? meine (telefon|handy)?nummer\\b
lass(t|en)? (sie)? (mich|uns) (bitte|endlich)? in (ruhe|frieden)$
(hiermit)? (ich)? widerrufe (ich)? (hiermit)? meine (einwilligung|zustimmung)\\b
(nicht mehr|aufhoe?ren WHO* zu) WRITING$
"""
_DE_NOUNS = """
keine SUCH? NEWS( mehr)?( schicken| senden)?$
(kein|keinen) kontakt mehr$
schluss mit SUCH NEWS$
"""

_ES = {
    "NEWS": "mensajes?|mensajitos|sms|textos?|notificaciones|avisos|recordatorios|correos|nada",
    "WRITE": "escrib(?:a|an|as|ais)|envi(?:e|en|es|eis)|mand(?:e|en|es|eis)"
    "|contact(?:e|en|es|eis)|molest(?:e|en|es|eis)",
    "WRITING": "(?:escribir|enviar|mandar|molestar|contactar|acosar)(?:me|nos|le)?",
    "OFF": "dar|darme|darse|denme|deme|dame",
    "THESE": "mas|sus|estos|esos|los|la|esta|su",
}
_ES_REQUESTS = """
(ya)? no (me|nos)? WRITE( (mas|nunca|jamas)\\b.*| THESE* NEWS( mas)?)?$
no (me|nos)? vuelv(a|an|as) a WRITING\\b
(dej|par)(a|e|en|ad) (ya)? de WRITING\\b
(quiero|deseo|quisiera) dejar de recibir THESE* NEWS$
(yo)? (ya)? no (quiero|deseo|necesito) (recibir)? THESE* NEWS( mas| de ustedes)?$
(ya)? no (quiero|deseo) (que me WRITE|ser contactad[oa])\\b
(quiero|deseo|quisiera|como puedo)? OFF de baja$
(quiero|deseo|quisiera|como puedo)? OFF de baja de THESE* (NEWS|lista)$
(borr|elimin|quit|sac|saqu)(a|e|en|ar)(me)? (de THESE lista|mi numero)\\b
dej(e|en|a|ad)me (en paz|tranquil[oa])$
(yo)? (retiro|revoco) mi consentimiento\\b
"""
_ES_NOUNS = """
(no|basta) (mas|de)? THESE* NEWS( mas)?$
"""

_FR = {
    "NEWS": "sms|messages?|textos?|notifications?|rappels|e-?mails?|mails?|courriels?|rien",
    "WRITE": "ecri(?:s|vez|re)|envo(?:ie|ies|yez|yer)|contacte[szr]?|derange[szr]?"
    "|sollicite[szr]?|embete[szr]?|harcele[szr]?",
    "ME": "me |m'|nous |",
    "THESE": "de|vos|ces|les|la|des|cette|votre|aux|tous",
}
_FR_REQUESTS = """
(ne |n'|)(ME)(WRITE)(-moi|-nous)? (plus|jamais)\\b(?! (tard|tot))
ne (plus|pas) (ME)(WRITE)( THESE* NEWS)?$
(je veux|je souhaite)? ne plus recevoir( THESE* NEWS)?$
ne (ME)(WRITE) pas$
(d'|)(arrete[zr]?|cesse[zr]?) (de |d')(ME)(WRITE)\\b
(d'|)(arrete[zr]?|cesse[zr]?|stop) THESE* NEWS$
je (ne)? (veux|souhaite|desire) plus (rien)? recevoir\\b
je (ne)? (veux|souhaite|desire) plus etre (contacte|derange|sollicite)e?\\b
je (ne)? (veux|souhaite|desire) (plus|pas) (recevoir)? THESE* NEWS$
(je veux|je souhaite|je voudrais|comment)? (me|se)? (desabonner|desinscrire)( THESE* (NEWS|liste))?$
(desabonne[zr]?|desinscri(s|vez))[ -]moi\\b
(retire|enleve|supprime|efface)[zr]?[ -](moi THESE* listes?|mon numero)\\b
laisse[zr]?[ -](moi|nous) (tranquille|en paix)$
(fiche|foute?)[zr]?[ -]moi la paix$
je (retire|revoque) mon consentement\\b
"""
_FR_NOUNS = """
(plus|pas|assez|marre) (du tout)? (de |d'aucun )?THESE* NEWS$
"""

# Meant wherever they stand, unless a word before them makes it a tale, a question or a no.
_PLEAS = """
(stop|quit) WRITING (me|us)\\b
stop sending (me|us|these|this|those)\\b
DONT WRITE (me|us) (again|any ?more)\\b
leave me alone$
take me off (your|this|the) list$
"""
_TALE = re.compile(
    r"\b(why|did|didn't|didnt|do not|don't|dont|never|not$|have|has|had|if|when|until|before|after"
    r"|they|he|she|who|would|to|will|won't|i|we|that)\b"
)
# "Stop writing at night" is a wish about hours, which others keep.
_LIMIT = re.compile(
    r"\b(at (night|work)|(after|before|until|till|past) (\d|noon|midnight|work)|between \d|during"
    r"|(on|at) (the )?(weekends?|\w+days?)|(so|this|too|that) (late|early|often|much|many)|while"
    r"|in the (morning|evening|night)|twice|the same|more than|every (day|hour)|until|unless"
    r"|for (a|the next|now|today|this)|nachts|abends|am (abend|wochenende)|(nach|vor) \d|bis"
    r"|so (spae?t|oft|frue?h|viele?)|de noche|por la noche|tan (tarde|temprano)|tant[oa]s?|hasta"
    r"|(antes|despues) de|la nuit|le (soir|week)|si (tard|tot|souvent)|autant|(apres|avant) \d"
    r"|jusqu)"
)


def _expression(phrases: str, words: Mapping[str, str], *, lead: bool = True) -> str:
    """One regular expression of phrases that are written a line each."""
    for name, alternatives in words.items():
        phrases = re.sub(rf"\b{name}\b", f"(?:{alternatives})", phrases)
    phrases = re.sub(r"(?<![\w)])(\((?:[^()]|\([^()]*\))*\))([?*]) ", r"(?:\1 )\2", phrases)
    joined = "|".join(phrases.strip().splitlines())
    return rf"(?:(?:{_LEAD.replace('COURTESY', _COURTESY)}) )*(?:{joined})" if lead else joined


_LANGUAGES = (
    (_EN, _EN_REQUESTS, _EN_NOUNS),
    (_DE, _DE_REQUESTS, _DE_NOUNS),
    (_ES, _ES_REQUESTS, _ES_NOUNS),
    (_FR, _FR_REQUESTS, _FR_NOUNS),
)
_REQUESTS = [re.compile(_expression(requests, words)) for words, requests, _ in _LANGUAGES]
_NOUNS = [re.compile(_expression(nouns, words)) for words, _, nouns in _LANGUAGES]
_PLEA = re.compile(_expression(_PLEAS, _EN, lead=False))
_KEYWORD = re.compile(
    rf"(?:(?:{_COURTESY}) )*(?:{_expression(_STOP, {}, lead=False)})(?: (?:{_COURTESY}))*"
)
_SENTENCE = re.compile(rf"{_expression(_STOP, {})}(?: (?:{_COURTESY}))*")
_END = re.compile(
    rf"(?: (?:{_COURTESY}|at all|any ?more|ever again|forever|right (?:now|away)|immediately"
    r"|from (?:you|this number|your company)|von (?:ihnen|euch)))+$"
)

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u00b4`\u02bc", "'"))
_CLAUSE = re.compile(r"([^.!?;:,\n()\"…–—¿¡]+)([.!?;:,\n()\"…–—]*)")
_NOT_WORDS = re.compile(r"[^\w'\- ]+|_+|(?<!\w)['-]+|['-]+(?!\w)")


def wish(text: str) -> Wish | None:
    """What a reply asks of us: to stop, to start again, for help, or nothing of the kind.

    Case, accents, punctuation and signs around the words do not matter. Total: any text gives an
    answer; only its first ``LONGEST`` characters are looked at.
    """
    clauses = _clauses(text[:LONGEST])
    whole = " ".join(words for words, _ in clauses)
    if re.fullmatch(_STOP_ALONE, whole) or _KEYWORD.fullmatch(whole):
        return "stop"
    if re.fullmatch(_START, whole):
        return "start"
    if re.fullmatch(_HELP, whole):
        return "help"
    return "stop" if any(_asks(words, question=asked) for words, asked in clauses) else None


def _asks(clause: str, *, question: bool) -> bool:
    """Whether a clause is a request to stop; ``question``: it ends with a question mark."""
    if not question and _SENTENCE.fullmatch(clause):
        return True
    if _LIMIT.search(clause):
        return False
    core = _END.sub("", clause)
    if any(request.match(core) for request in _REQUESTS):
        return True
    if not question and any(noun.match(core) for noun in _NOUNS):
        return True
    plea = _PLEA.search(core)
    return plea is not None and not _TALE.search(core[: plea.start()].strip())


def _clauses(text: str) -> list[tuple[str, bool]]:
    """The clauses in lower-case words without accents, and whether each is a question."""
    folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    found = [
        (" ".join(_NOT_WORDS.sub(" ", words).split()), "?" in end)
        for words, end in _CLAUSE.findall(plain)
    ]
    return [(words, question) for words, question in found if words]
