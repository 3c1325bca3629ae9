"""Our reading against the standard library's: the same headers, addresses, text, HTML and files for mail it builds."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses, parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.email.mime.dates import read_date
from connectors.channels.email.mime.parameters import safe_filename
from connectors.channels.email.mime.reading import header_block, read_file, read_mail

LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \n=.-<>&")
WORDS = st.text(LETTERS, min_size=1, max_size=300).map(lambda text: "x" + text.replace("\r", "") + "\n")
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), min_size=1, max_size=40)
ATOMS = st.text("abcxyzABC0123456789-_", min_size=1, max_size=12).filter(lambda text: text.strip("-") == text)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain.lower()}.example", ATOMS, ATOMS)
ENCODINGS = st.sampled_from(["quoted-printable", "base64", "8bit"])
FILES = st.tuples(st.binary(max_size=400), st.sampled_from(["application/pdf", "image/png", "audio/ogg"]), NAMES)
LINE_ENDS = st.sampled_from([policy.SMTP, policy.default, policy.SMTPUTF8.clone(cte_type="8bit")])


def built(
    style: policy.EmailPolicy[EmailMessage],
    sender: tuple[str, str],
    subject: str,
    text: str,
    encoding: str,
    html: str | None,
    files: list[tuple[bytes, str, str]],
) -> bytes:
    message = EmailMessage(policy=style)
    message["From"] = HeaderAddress(sender[0], addr_spec=sender[1])
    message["Subject"] = subject
    message.set_content(text, cte=encoding)
    if html is not None:
        message.add_alternative(html, subtype="html", cte=encoding)
    for body, kind, name in files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(body, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


@given(LINE_ENDS, st.tuples(NAMES, ADDRESSES), NAMES, WORDS, ENCODINGS, st.none() | WORDS, st.lists(FILES, max_size=3))
def test_a_mail_that_the_standard_library_builds_is_read_as_it_was_meant(
    style: policy.EmailPolicy[EmailMessage],
    sender: tuple[str, str],
    subject: str,
    text: str,
    encoding: str,
    html: str | None,
    files: list[tuple[bytes, str, str]],
) -> None:
    raw = built(style, sender, subject, text, encoding, html, files)

    mail = read_mail(raw)

    assert mail.text == text
    assert mail.html == html
    assert mail.subject == subject
    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address) == sender
    assert [(read_file(raw, file.index)[0], file.mime_type) for file in mail.files] == [
        (body, kind) for body, kind, _name in files
    ]
    assert [file.filename for file in mail.files] == [safe_filename(name) for _body, _kind, name in files]
    assert mail.flags == []


HEADER_LINES = st.lists(
    st.tuples(st.sampled_from(["X-A", "received", "X-a"]), st.text("abc \t:;=?", max_size=30), st.booleans()),
    max_size=8,
)


@given(HEADER_LINES, st.sampled_from(["\r\n", "\n"]))
def test_header_blocks_are_read_as_the_standard_library_reads_them(
    lines: list[tuple[str, str, bool]], end: str
) -> None:
    raw = "".join(
        f"{name}: {value}{end} more{end}" if folded else f"{name}:{value}{end}" for name, value, folded in lines
    )

    ours = header_block(raw.encode() + end.encode())

    theirs = email.message_from_string(raw + end).items()
    assert [(name, " ".join(value.split())) for name, value in ours] == [
        (name.lower(), " ".join(value.split())) for name, value in theirs
    ]


PARTS = st.recursive(
    st.tuples(st.sampled_from(["text/plain", "text/html", "image/png"]), st.text("ab\n-B", max_size=30)),
    lambda inner: st.tuples(
        st.sampled_from(["mixed", "alternative", "related"]), st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(PARTS, st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_parts_are_found_where_the_standard_library_finds_them(
    part: tuple[str, object], end: str, closed: bool
) -> None:
    raw = written(part, end, closed, "B").encode()

    mail = read_mail(raw)

    parsed = email.message_from_bytes(raw)
    theirs = [leaf for leaf in parsed.walk() if not leaf.is_multipart()]
    images = [bytes(leaf.get_payload(decode=True) or b"") for leaf in theirs if leaf.get_content_type() == "image/png"]
    assert [read_file(raw, file.index)[0] for file in mail.files] == images
    said = (mail.text or "") + (mail.html or "")
    for leaf in theirs:
        # Where words are HTML only, the HTML is what is read, without the texts that it has the words of.
        twice = mail.text is None and leaf in texts_beside_html(parsed)
        if leaf.get_content_type() != "image/png" and not twice:
            for word in str(leaf.get_payload()).split():
                assert word in said


def texts_beside_html(message: Message) -> list[Message]:
    """The text leaves anywhere within a multipart/alternative."""
    alternatives = [part for part in message.walk() if part.get_content_type() == "multipart/alternative"]
    return [leaf for part in alternatives for leaf in part.walk() if leaf.get_content_type() == "text/plain"]


def written(part: tuple[str, object], end: str, closed: bool, boundary: str) -> str:
    kind, content = part
    if isinstance(content, str):
        return f"Content-Type: {kind}{end}{end}{content.replace(chr(10), end)}"
    assert isinstance(content, list)
    inside = "".join(
        f"--{boundary}{end}{written(each, end, closed, boundary + str(number))}{end}"
        for number, each in enumerate(content)
    )
    last = f"--{boundary}--{end}" if closed else ""
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"{end}{end}preamble{end}{inside}{last}'


@given(st.lists(st.tuples(st.text("Ann Lee.,'\"\\()", max_size=12), ADDRESSES), max_size=4))
def test_addresses_are_those_of_getaddresses(pairs: list[tuple[str, str]]) -> None:
    value = ", ".join(email.utils.formataddr(pair) for pair in pairs)

    raw = f"To: {value}\r\n\r\n".encode()

    assert [each.address for each in read_mail(raw).to] == [
        address for _name, address in getaddresses([value]) if address
    ]


@given(st.integers(-2208988800, 253402214400), st.integers(-23, 23))
def test_dates_are_those_of_the_standard_library(moment: int, hours: int) -> None:
    value = format_datetime(datetime.fromtimestamp(moment, UTC)).replace(
        "+0000", f"{'-' if hours < 0 else '+'}{abs(hours):02}30"
    )

    assert read_date(value) == parsedate_to_datetime(value).timestamp()
