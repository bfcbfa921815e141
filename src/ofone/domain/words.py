"""The closed vocabularies, so that a misspelt need or channel does not type-check."""

from typing import Literal, get_args

Need = Literal[
    "reassurance",
    "urgency",
    "trust",
    "effort_sensitivity",
    "information",
    "control",
    "relationship",
]
NEEDS: tuple[Need, ...] = get_args(Need)

Channel = Literal["email", "sms", "in_app", "push", "webhook", "call"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
WRITTEN: tuple[Channel, ...] = ("email", "sms", "in_app")
"""Those that people answer: they may choose among them, and their acts tell which one they like."""

Purpose = Literal["service", "marketing"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

StepStatus = Literal["ahead", "current", "done", "skipped"]
JourneyStatus = Literal["active", "completed", "ended"]
DeliveryStatus = Literal[
    "requested", "accepted", "delivered", "failed", "unknown", "withheld", "held"
]
