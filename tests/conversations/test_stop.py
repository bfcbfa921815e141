"""Who wants to be left alone is left alone; who stops by tomorrow is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.conversations.stop import LONGEST, wish

CTIA = ("stop", "stopall", "unsubscribe", "cancel", "end", "quit")
AROUND = st.text(" \t\n.!?,'\"()-*…😡🛑¡", max_size=6)

STOPS = """
STOP
Stop please
please stop
Stop!!! 😡
STOP. Who is this?
Stop it
Please stop texting me
stop texting me!!
Can you please stop texting me?
could you stop sending me these messages
Stop sending me messages
Stop sending texts
stop the messages
Stop all messages please
Not interested stop texting me
I'm not interested, so stop texting me
I already signed. Don't text me again
do not contact me anymore
don't message me again ever
Don’t send me any more texts
please don't send me messages
never text me again
no more messages
No more texts please
thanks but no more texts
no texts please
I don't want these messages
i don't want any more messages from you. no more messages
I no longer want to receive texts
I do not wish to be contacted
I want no more messages
take me off your list
Please remove me from this list
remove my number
delete my number
unsubscribe me
I want to unsubscribe
how do i unsubscribe?
opt out
I'd like to opt out
opt me out. remove me
i withdraw my consent
Leave me alone
quit texting me
Don't text me, I will call
fuck off
How do I stop these texts?
Stop contacting me, I'll call you if I need you
You have to stop texting me
i told you to stop texting me
Enough texts!
hört auf
Hört bitte auf!
Hören Sie auf, mir zu schreiben
Hört auf mir zu schreiben
Bitte hören Sie auf mit den Nachrichten
Schreiben Sie mir nicht mehr
schreibt mir bitte nicht mehr
Schicken Sie mir keine SMS mehr
Bitte keine Nachrichten mehr
Keine SMS mehr bitte!
keine weiteren nachrichten
Ich möchte keine SMS mehr
Ich will keine Nachrichten mehr bekommen
ich möchte nicht mehr kontaktiert werden
Ich möchte mich abmelden
Melden Sie mich bitte ab
Lasst mich in Ruhe
Kontaktieren Sie mich nie wieder
Löschen Sie meine Nummer
Ich widerrufe meine Einwilligung
stopp
abmelden
no me escriban más
No me escriban mas por favor
No me envíen más mensajes
no me manden mensajes
No más mensajes
no quiero recibir más mensajes
Dejen de escribirme
Por favor, dejen de mandarme mensajes
no me contacten más
Quiero darme de baja
Denme de baja
baja
Basta
Borren mi número
Déjenme en paz
ya no quiero mensajes
ne m'écrivez plus
Ne m’écrivez plus svp
S'il vous plaît ne m'envoyez plus de messages
Arrêtez de m'écrire
arrêtez de m'envoyer des SMS
Merci de ne plus m'écrire
Arrêtez les messages
Plus de SMS svp
Je ne veux plus recevoir de messages
je ne souhaite plus être contacté
je veux me désabonner
Désabonnez-moi
Laissez-moi tranquille
Stop aux sms
Ne me contactez plus jamais
"""

GOES_ON = """
stop by tomorrow?
I'll stop by tomorrow
Can I stop by the office on Friday?
Is there a bus stop near the lab?
When does the coverage stop?
Stop worrying, I'm on my way :)
I stopped by yesterday
please don't stop texting me, it helps
Why did you stop texting me?
You don't text me anymore. Is something wrong?
no more messages?
I got no more messages from you, is that normal?
I have no more questions
No more questions, thank you
please cancel my appointment
Can I cancel?
cancel the visit on Tuesday and book Friday
I want to cancel my policy
When does it end?
the end of the month works
I quit smoking in 2019
I have to quit my job next week, does that matter?
should I end my old policy first?
stop texting me after 8 pm
please don't text me at work
Stop texting me so late
Don't call me, text me
I don't text much, call me
I can't stop thinking about the results
do not send me to the lab on 5th street
don't send the contract yet
I want to opt out of the accident rider
remove me from the policy
Do I need to stop taking my pills before the test?
The bleeding won't stop
If I don't want these messages what do I do with the tracker
ok thanks
yes
No
Wrong day
help me understand the offer
Can you send more info?
What happens if I unsubscribe?
My husband never messages me back
message me when it's done
Leave the papers at reception
Wann hört das auf?
Ich höre morgen von Ihnen
Ich rufe morgen an
Wann endet der Vertrag?
Ich habe keine Nachrichten erhalten
Keine Fragen mehr
Keine Zeit heute
Bitte schreiben Sie mir nicht so spät
Kann ich den Termin abmelden?
Ich möchte den Termin absagen
Ich komme am Ende der Woche
Ich möchte keine Blutabnahme
¿Cuándo termina?
No puedo mañana
quiero dar de baja la póliza antigua
No me escriban de noche
No entiendo el mensaje
no quiero esperar más
¿Puedo cancelar la cita?
No recibí más mensajes
Baja presión, ¿importa?
Quand est-ce que ça s'arrête ?
Je ne comprends pas le message
plus de détails svp
Écrivez-moi plus tard
Je ne peux pas demain
L'arrêt de bus est loin
Je n'ai plus de questions
je ne veux plus attendre
Ne m'écrivez plus tard que 20h
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("text", lines(STOPS))
def test_any_reasonable_wording_stops(text: str) -> None:
    """English, German, Spanish and French; typed as people type."""
    assert wish(text) == "stop"
    assert wish(text.upper()) == "stop"


@pytest.mark.parametrize("text", lines(GOES_ON))
def test_what_means_something_else_stops_nothing(text: str) -> None:
    """A visit, a question, a complaint that we are silent, a wish about hours: for a person."""
    assert wish(text) is None


@given(word=st.sampled_from(CTIA), before=AROUND, after=AROUND, upper=st.lists(st.booleans()))
def test_a_keyword_is_never_missed(word: str, before: str, after: str, upper: list[bool]) -> None:
    """In any case, with any signs and blanks around it."""
    flags = [*upper, *[False] * len(word)]
    typed = "".join(c.upper() if up else c for c, up in zip(word, flags, strict=False))
    assert wish(before + typed + after) == "stop"


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    """Whatever comes in is looked at without trouble."""
    assert wish(text) in ("stop", "start", "help", None)


@pytest.mark.parametrize(("text", "asked"), [("Start", "start"), ("UNSTOP.", "start")])
def test_start_is_heard_as_a_wish_and_nothing_more(text: str, asked: str) -> None:
    assert wish(text) == asked


@pytest.mark.parametrize("text", ["HELP", "info", "Help!", "Hilfe?", "¡Ayuda!", "aide", " Info. "])
def test_a_call_for_help_is_heard(text: str) -> None:
    assert wish(text) == "help"


def test_an_essay_takes_no_longer_than_a_page() -> None:
    """What comes after ``LONGEST`` characters is not looked at; repeated words do not blow up."""
    assert wish("please " * 10_000) is None
    assert wish("stop all the these those your this more " * 50) is None
    assert wish("x" * LONGEST + " stop") is None
