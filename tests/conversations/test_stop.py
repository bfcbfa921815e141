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
pls stop
Stop texting this number
stop txting me
Please do not text this number again
I said stop
Dont ever text me again
I would like to stop receiving these texts
please cease all communication
No more reminders!
Kindly remove me from your mailing list
unsub
STOP ALL
do not send me texts
Please stop sending reminders
enough messages please
I never signed up for this, stop
Who is this? Stop texting me.
delete me from your list
you keep texting me, please stop
can u stop messaging me pls
stop the spam
Don't contact me.
no longer interested, please stop the messages
I don't want texts from you
Bitte schreiben Sie mir keine SMS mehr
Könnten Sie bitte aufhören mir zu schreiben?
Bitte nicht mehr schreiben
Hört endlich auf mit den SMS
Ich möchte von Ihnen nicht mehr kontaktiert werden
Nehmen Sie mich bitte aus dem Verteiler
keine sms
Bitte schickt mir nichts mehr
Abmelden bitte
Hören Sie bitte auf mir SMS zu schicken
Lassen Sie mich in Frieden
Por favor no me manden más SMS
Ya no me escriban
No quiero más mensajes
Paren de enviarme mensajes
Quítenme de su lista
No me envie mensajes por favor
deje de molestarme
Quiero dejar de recibir mensajes
Cancelar suscripción
Veuillez ne plus me contacter
Arrêtez svp
Merci d'arrêter les messages
Ne m'envoyez plus rien
je ne veux plus de vos sms
Retirez-moi de votre liste
Plus de messages s'il vous plaît
fichez-moi la paix
arrêtez de me harceler
STOP SMS
Please quit messaging me
stop w the texts
Hi, please take my number off your list.
Don't message this number
no more texting me
Stop bugging me
please dont send anything else
I'm done, stop these messages
do not reply, do not text, leave me alone
Stop now!
i asked you to stop texting
Please unsubscribe this number
I opt out
how can i opt out of these texts
never contact me again
I do not consent to these messages
I don't want to hear from you anymore
Bitte keine weiteren Nachrichten
Schluss mit den SMS!
Ich will das nicht mehr, bitte abmelden
Bitte melden Sie mich ab, danke
schreib mir nicht mehr
Bitte senden Sie mir keine Nachrichten mehr
Ich widerrufe hiermit meine Einwilligung
hören sie auf mich zu belästigen
Ich wünsche keine weiteren Benachrichtigungen
No me molesten más
No quiero que me escriban
por favor dejen de contactarme
No deseo recibir más SMS
basta de mensajes
Elimine mi número por favor
denme de baja de los mensajes
Svp arrêtez de m'envoyer des messages
Désinscription
je souhaite me désinscrire
Ne plus me contacter svp
Je ne veux plus recevoir vos textos
Supprimez mon numéro
Cessez de m'écrire
please discontinue these messages
STOP SENDING ME STUFF
do not ever contact me on this number
please stop with the reminders
I don't need these reminders
You can stop texting me now
get me off this list
Take me off the list please
stop please im not interested
Not interested. Please remove my number
I'm opting out
Stop spamming
dont text
I want you to stop messaging me
Please respect my wish and stop contacting me
block me
Ich möchte keine Nachrichten von Ihnen
Keine SMS!
Bitte hört auf mir zu texten
Kontaktieren Sie mich nicht mehr
Schicken Sie mir bitte keine Erinnerungen mehr
mich bitte austragen
No quiero recibir sus mensajes
No me manden nada más
Déjeme en paz por favor
no más sms gracias
dar de baja
Merci de ne plus m'envoyer de messages
Je souhaite ne plus recevoir de SMS
arretez de m'ecrire s'il vous plait
Ne m'envoyez plus de texto
Stop these texts right now
please take me off of your text list
I don't want any more of your texts
no further contact please
Would you please stop contacting me
stop texts
stop msg
Do not text or call me again
Kindly stop sending alerts
Quit sending me these
I'm asking you to stop
please end these messages
cease and desist
don't bother me again
I do not want to receive messages from this number anymore
Bitte keine SMS mehr schicken
Bitte löschen Sie meine Telefonnummer
Ich möchte keine Erinnerungen mehr erhalten
Schreiben Sie mir bitte nie wieder
Stoppen Sie die SMS
Hört auf zu schreiben
Keine Werbung mehr
No me envíen nada
Deje de escribirme por favor
No quiero más SMS de ustedes
Sáquenme de la lista
Parar
Ya basta
N'envoyez plus de SMS
Je ne souhaite plus recevoir vos messages, merci
Merci d'arrêter de m'écrire
Arrêtez ces messages
Enlevez-moi de la liste
stop svp
Stop texting, call me
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
Can you stop by at 5?
I will stop taking the medicine as told
the nurse said to stop eating at midnight
Please cancel my exam on Monday
How do I cancel?
Should I end the call if they ask for my SSN?
I quit my job, does it change my premium
Please text me tomorrow instead
don't forget to text me the address
I don't want the rider
I don't want to do the blood test
No more tests please
no messages from the doctor yet
Please don't contact my doctor without asking
Do not contact my employer
Don't message my wife about this, it's a surprise
Remove the second beneficiary
take me off speakerphone next time lol
not now, text me after 6
Why no texts this week?
I stopped getting your messages
opting out of the dental plan
Unsubscribe me from the newsletter but keep the texts
Stop sign on the corner, turn left there
When will the reminders stop?
It says end date 2055, correct?
Let me know when you want to end the call
Ich höre auf zu rauchen, ändert das was?
Der Bus hält an der Stopp Straße
Bitte schicken Sie mir keine Papiere, alles per Mail
Ich brauche keine Erinnerung
Kein Problem
Nicht mehr diese Woche bitte
Ich möchte nicht mehr warten
Kann ich mich vom Termin abmelden
no me llamen, escríbanme
No necesito más tiempo
¿Por qué no me escriben?
La baja laboral termina el lunes
Quiero dejar de fumar
Ya no puedo el martes
no quiero el examen de sangre
Je veux arrêter de fumer
Arrêt maladie jusqu'à lundi
plus de temps svp
Je n'ai pas reçu de messages
Ne m'appelez pas, écrivez-moi
Pas de souci
Je ne veux plus attendre
I'll stop at the lab after work
Please stop the automatic payment on the old account
Does texting cost extra?
I can't text at work, email works
My son says stop asking and just sign lol
end of month is better
Please don't send the nurse before 9
No message from the clinic so far
I no longer want the appointment on Monday
I don't want to answer that question
Do not send it to my old address
remove the exclusion please
I want to stop the application
can I quit the policy within 30 days
the texts are very helpful thank you
no need to call, text is fine
never mind
wait, stop the exam order, I moved
Leave me a message
Contact me again next week
Nein, am Montag nicht
Wo finde ich die Nachrichten?
Soll ich vorher aufhören zu essen?
Bitte keine Anrufe, nur SMS
Ich will keine Ratenzahlung
Melden Sie mich bitte für Dienstag an
No gracias, mañana no puedo
Por favor no me llamen al trabajo
No he recibido mensajes
Quiero cancelar mi solicitud
Paro en la farmacia y voy
Ne venez plus mardi
Je voudrais arrêter ma demande
Plus de nouvelles depuis lundi
Pas de problème pour jeudi
Please stop sending letters, text is better
I don't get texts from the lab
I don't want to bother you
Can you text less?
Fewer messages please
too many messages
I stopped at the pharmacy
list of documents please
out of office until Monday
Zu viele Nachrichten
weniger SMS bitte
Ich höre nichts von Ihnen
menos mensajes por favor
demasiados mensajes
moins de messages svp
trop de messages
please block my number, I lost the phone
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
