"""The words that mail programs put around quotes and forwarded mails, in the languages they speak.

Taken from the programs' own reply and forward templates: Gmail, Outlook, Apple Mail, Thunderbird, Yahoo, QQ, NetEase,
Foxmail, Aliyun, Sina, Naver, Daum, LINE WORKS, Yahoo Japan, Zimbra, Proton, Samsung, Spark and K-9.
"""

from __future__ import annotations

WROTE = (
    "wrote|writes|said|a écrit|écrit|schrieb|schreibt|hat geschrieben|escribió|escribio|ha scritto|scrive|schreef"
    "|heeft geschreven|het volgende geschreven|escreveu|napisał|napisała|"
    "napisał\\(a\\)|pisze|написала?|написал\\(а\\)|пишет"
    "|писала?|пише|skrev|kirjoitti|napsala?|napsal\\(a\\)|píše|yazdı|đã viết|ezt írta|írta|a scris|menulis|έγραψε"
    "|写道|寫道|写到|寫到|写了|さんは書きました|が書きました|は書きました|"
    "さんのメール|のメール|wrote|님이 작성|작성|님이 씀|씀|쓰셨습니다"
)
"""How an attribution says that somebody wrote."""

STARTERS = (
    "On|At|Le|Am|El|Il giorno|Il|Op|Em|No dia|A|W dniu|Dnia|Den|På|Vào|Pada|V|Dne|Στις|Em|Quoting|Citando|Zitat von"
)
"""How an attribution begins, before the date."""

ORIGINAL = (
    "Original|Original Message|Original-Nachricht|Reply message|Original Mail|Ursprüngliche Nachricht|"
    "Originalnachricht|Urspr\\. Nachricht|Message d['’]origine|Message original|Courriel original|Mensaje original|"
    "Messaggio originale|Oorspronkelijk bericht|Origineel bericht|Mensagem original|Oryginalna wiadomość|"
    "Wiadomość oryginalna|Исходное сообщение|Оригинальное сообщение|Ursprungligt meddelande|Opprinnelig melding|"
    "Oprindelig meddelelse|Alkuperäinen viesti|Původní zpráva|Orijinal İleti|Eredeti üzenet|"
    "原始邮件|原始郵件|原邮件|原郵件|回复的原邮件|回复邮件|原始信件|"
    "原始訊息|元のメッセージ|元のメール|オリジナルメッセージ|原文|"
    "원본 메시지|원본 메일|원본메일|원본메시지|원본 이메일|원문"
)
"""Between dashes: what follows is the mail that is answered."""

FORWARDED = (
    "Forwarded message|Forwarded by .{1,80}|Forwarded Mail|Fwd Message|"
    "Weitergeleitete Nachricht|Weitergeleitete Mail|"
    "Message transféré|Courriel transféré|Message réexpédié|Mensaje reenviado|"
    "Messaggio inoltrato|Doorgestuurd bericht|"
    "Mensagem encaminhada|Mensagem reencaminhada|Przekazana wiadomość|Wiadomość przekazana|"
    "Пересылаемое сообщение|Пересланное сообщение|Перенаправленное сообщение|Vidarebefordrat meddelande|"
    "Videresendt meddelelse|Edelleenlähetetty viesti|"
    "转发邮件信息|转发的邮件|转发邮件|被转发邮件|已转发邮件|轉寄的郵件|轉寄郵件|轉寄訊息|轉發的郵件|轉發郵件|"
    "転送メッセージ|転送されたメッセージ|転送メール|전달된 메시지|전달된 메일|전달 메시지|전달메일"
)
"""Between dashes: what follows was forwarded."""

FORWARD_BEGINS = (
    "Begin forwarded message|Anfang der weitergeleiteten Nachricht|Anfang der weitergeleiteten E-Mail|"
    "Début du message transféré|Début du message réexpédié|Inicio del mensaje reenviado|Inizio messaggio inoltrato|"
    "Begin doorgestuurd bericht|Início da mensagem encaminhada|Início da mensagem reencaminhada|"
    "Początek przekazywanej wiadomości|Początek przekazanej wiadomości|Начало переадресованного сообщения|"
    "Начало пересылаемого сообщения|Vidarebefordrat brev|下面是被转发的邮件|以下是转发的邮件|以下是轉寄的郵件|"
    "開始轉寄郵件|下面是轉寄的郵件|転送されたメッセージ|以下転送|전달된 메시지 시작|전달된 메시지"
)
"""Apple Mail: a line of its own that ends in a colon."""

_LABELS = {
    "from": "from|von|de|da|van|od|от|від|från|fra|lähettäjä|gönderen|feladó|từ|expéditeur|"
    "remitente|mittente|afzender|"
    "remetente|nadawca|отправитель|absender|发件人|寄件人|寄件者|發件人|"
    "发送人|差出人|送信者|送信元|보낸사람|보낸이|발신|발신자|from名",
    "date": "date|sent|datum|gesendet|gesendetam|envoyé|dateetheure|fecha|enviado|enviadoel|enviadoem|inviato|data|"
    "verzonden|wysłano|дата|отправлено|надіслано|skickat|sendt|dato|lähetetty|tarih|elküldve|ngày|datafriginare|"
    "发送时间|发送日期|日期|时间|寄件日期|傳送時間|發送時間|發送日期|"
    "送信日時|送信日|日付|日時|보낸날짜|날짜|보낸시간|일시|받은날짜|"
    "datededenvoi|envoyéle|senton|datesent|时间日期|received",
    "to": "to|an|à|a|para|aan|do|кому|до|till|til|vastaanottaja|alıcı|kime|címzett|đến|"
    "pour|destinataire|destinatario|"
    "empfänger|收件人|收件者|接收人|宛先|受信者|받는사람|받은사람|받는이|수신|수신자",
    "cc": "cc|kopie|copie|cópia|copia|kopia|копия|bcc|抄送|抄送人|"
    "副本|副本抄送|密送|참조|숨은참조|reply-to|antwortan|답장받는사람",
    "subject": "subject|betreff|objet|asunto|oggetto|onderwerp|assunto|temat|тема|ämne|emne|aihe|předmět|konu|tárgy|"
    "chủđề|sujet|re|主题|主旨|主題|标题|標題|件名|題名|제목",
}
LABELS = {label: kind for kind, labels in _LABELS.items() for label in labels.split("|")}
"""Labels of the header block above a quote, without spaces and in lower case, and what they label."""

DEVICE = (
    "Sent from (?:my|your|an?|the|Yahoo|Mail|Outlook|Gmail|Samsung|Proton|Mailbird|"
    "Spark|myMail|Windows|AOL|Galaxy|iPhone|"
    "iCloud|Blue|Boxer|Nine|Workspace|Zoho|Xperia)|Sent (?:via|with|by|"
    "using) (?:the )?(?:Samsung|Proton|Spark|Superhuman|"
    "BlackBerry|Mailspring|my|Yahoo|K-9|Airmail|Shortwave|HEY)|Get (?:Outlook|BlueMail|TypeApp|Spark) for|"
    "Get Outlook|Enviado (?:desde|do|de|a partir|con|via|com)|Envoyé (?:de|depuis|à partir|avec|via|par|sur)|"
    "Télécharger Outlook|Obtenez Outlook|Obtener Outlook|Obter o Outlook|Ottieni Outlook|Outlook für|Outlook voor|"
    "Von meine[mr]|Gesendet (?:von|mit|über|aus)|Diese Nachricht wurde (?:von|mit) mein|Holen Sie sich Outlook|"
    "Inviato (?:da|dal|con)|Verstuurd vanaf|Verzonden (?:vanaf|vanuit|met)|Download Outlook|Wysłane z|Wysłano z|"
    "Pobierz program Outlook|Отправлено (?:с|из|от)|Скачать Outlook|Skickat från|Sendt fra|Lähetetty|iPhone'umdan|"
    "发自我的|發自我的|發自 ?我|发自 ?我|从我的|從我的|傳送自|寄自|来自.{0,12}(?:邮箱|"
    "邮件|iPhone|手机)|发自.{0,12}(?:邮箱|邮件|手机|iPhone|Android)|"
    "發自.{0,12}(?:郵件|信箱|手機)|從.{0,12}(?:Outlook|Yahoo|iPhone|Samsung).{0,8}(?:傳送|寄出)|"
    "获取 ?Outlook|获取适用于|取得 ?(?:適用於 )?.{0,8}Outlook|下载 ?.{0,12}Outlook|"
    "使用 ?.{0,14}(?:邮箱|Outlook|郵件).{0,6}(?:发送|傳送)|签名由|從我的|"
    "iPhoneから|iPadから|私の(?:iPhone|iPad|スマ)|.{0,24}から送信|"
    "Outlook for .{3,9} ?を(?:入手|取得)|.{0,12}Outlook ?を(?:入手|取得)|"
    "(?:나의|내) .{2,24}에서 (?:보냄|전송|보낸)|.{2,24}에서 (?:보냄|전송됨|보냈습니다)|(?:iOS|Android)용 ?Outlook|"
    "This email has been checked for viruses|Virus-free\\.|Diese E-Mail wurde von Avast|"
    "Cet e-mail a été vérifié|Yahoo Mail: Search|Sent from Mail"
)
"""What a device or an app adds below a mail; a line that begins so."""


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as text."""
    return frozenset(text.split())
