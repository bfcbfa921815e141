"""Mails as strangers send them: bounces of several programs, complaints, answers."""

from collections.abc import Mapping

TOKEN = "Ab3_-Ab3_-Ab3_-Ab3_-xY"
THREAD = "Th7_-Th7_-Th7_-Th7_-zZ"
RETURNED = f"Message-ID: <{TOKEN}@harbor.example>\r\nSubject: Your visit\r\n"


def mail(body: str = "Hello", *, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """A mail with these headers (``_`` stands for ``-``); a From and a Content-Type are there."""
    given: Mapping[str, str] = {"From": "Ana <ana@example.org>", "Content-Type": kind} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{head}\r\n{body}".encode()


def dsn(
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 No such user",
    returned: str = RETURNED,
) -> bytes:
    """A delivery status notification (RFC 3464), as Postfix writes it."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you …\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mail.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; ana@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--b--\r\n"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return mail(body, kind=kind, From="MAILER-DAEMON@x.org", Subject="Undelivered Mail")


def complaint(kind: str = "abuse", returned: str = RETURNED) -> bytes:
    """A feedback report (RFC 5965)."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\nwords\r\n--b--\r\n"
    )
    return mail(body, kind='multipart/report; report-type=feedback-report; boundary="b"')


EXIM = mail(
    "This message was created automatically by mail delivery software.\r\n\r\n"
    "A message that you sent could not be delivered to one or more of its recipients.\r\n\r\n"
    "  ana@example.org\r\n    host mx.example.org [192.0.2.1]\r\n"
    "    SMTP error from remote mail server after RCPT TO:<ana@example.org>:\r\n"
    "    550 Unrouteable address\r\n\r\n"
    f"------ This is a copy of the message's headers. ------\r\n\r\n{RETURNED}",
    From="Mail Delivery System <Mailer-Daemon@x.org>",
    X_Failed_Recipients="ana@example.org",
    Subject="Mail delivery failed: returning message to sender",
    Auto_Submitted="auto-replied",
)
QMAIL = mail(
    "Hi. This is the qmail-send program at x.org.\r\nI'm afraid I wasn't able to deliver your "
    "message to the following addresses.\r\n\r\n<ana@example.org>:\r\n192.0.2.1 does not like "
    "recipient.\r\nRemote host said: 550 5.1.1 unknown user (#5.1.1)\r\nGiving up.\r\n\r\n"
    f"--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <hello@harbor.example>\r\n"
    f"{RETURNED}",
    From="MAILER-DAEMON@x.org",
    Subject="failure notice",
)
EXCHANGE = mail(
    "Your message did not reach some or all of the intended recipients.\r\n\r\nThe e-mail account "
    f"does not exist at the organization this message was sent to.\r\n\r\n{RETURNED}",
    From="System Administrator <postmaster@x.org>",
    Subject="Undeliverable: Your visit",
)
FULL = mail(
    f"The recipient's mailbox is full.\r\n552 5.2.2 Over quota\r\n\r\n{RETURNED}",
    From="Mail Delivery Subsystem <mailer-daemon@x.org>",
    Subject="Delivery Status Notification (Failure)",
)
