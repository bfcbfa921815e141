"""The words of the two questions that every playbook has, by language: plain, and formal."""

WHERE_WORDS = {
    "en": {
        "text": "Where should updates reach you?",
        "email": "By e-mail",
        "sms": "By text message",
        "in_app": "On my own page",
    },
    "de": {
        "text": "Wo sollen Neuigkeiten Sie erreichen?",
        "email": "Per E-Mail",
        "sms": "Per SMS",
        "in_app": "Auf meiner eigenen Seite",
    },
    "es": {
        "text": "¿Dónde quiere recibir las novedades?",
        "email": "Por correo electrónico",
        "sms": "Por SMS",
        "in_app": "En mi propia página",
    },
    "fr": {
        "text": "Où souhaitez-vous recevoir les nouvelles ?",
        "email": "Par e-mail",
        "sms": "Par SMS",
        "in_app": "Sur ma page personnelle",
    },
}
"""P1: the question, and a label for each channel."""

PACE_WORDS = {
    "en": {
        "text": "How often should we write when nothing needs you?",
        "often": "Often, whenever something moves",
        "weekly": "About once a week",
        "needed": "Only when something needs me",
    },
    "de": {
        "text": "Wie oft sollen wir schreiben, wenn Sie nichts tun müssen?",
        "often": "Oft, sobald sich etwas bewegt",
        "weekly": "Etwa einmal pro Woche",
        "needed": "Nur wenn ich etwas tun muss",
    },
    "es": {
        "text": "¿Cada cuánto le escribimos cuando usted no tiene que hacer nada?",
        "often": "A menudo, cuando haya novedades",
        "weekly": "Más o menos una vez por semana",
        "needed": "Solo cuando yo tenga que hacer algo",
    },
    "fr": {
        "text": "À quelle fréquence vous écrire quand vous n’avez rien à faire ?",
        "often": "Souvent, dès que quelque chose avance",
        "weekly": "Environ une fois par semaine",
        "needed": "Seulement quand j’ai quelque chose à faire",
    },
}
"""P2: the question, and a label for each pace."""
