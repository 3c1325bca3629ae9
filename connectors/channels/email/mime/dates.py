"""Date fields: RFC 5322, what older programs wrote instead, and what is no date at all."""

from __future__ import annotations

import re

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
_ZONES |= {"pst": -8, "pdt": -7, "jst": 9, "kst": 9, "cet": 1, "cest": 2, "msk": 3, "bst": 1}
_MAXIMUM = 200

_TIME = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?"
_ZONE = r"\s*(?:(?:GMT|UTC)?([+-]\d{2}):?(\d{2})|([A-Za-z]{1,5}))?"
# Tue, 2 Jan 2024 10:00:00 +0800
_STANDARD = re.compile(
    rf"(\d{{1,2}})[ -]+([A-Za-z]{{3}})[a-z]*\.?[ ,-]+(\d{{4}}|\d{{2,3}})[ ,]+{_TIME}{_ZONE}", re.ASCII
)
# Tue Jan  2 10:00:00 [+0800] 2024
_ASCTIME = re.compile(rf"([A-Za-z]{{3}})[a-z]* +(\d{{1,2}}) +{_TIME}(?:{_ZONE}) +(\d{{4}})", re.ASCII)
# 2024-01-02 10:00:00 +0800
_ISO = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}})[T ]+{_TIME}{_ZONE}", re.ASCII)


def read_date(value: str | None) -> float | None:
    """Unix seconds of a Date field; a missing or unknown zone counts as UTC. None for what is no date."""
    if not value:
        return None
    value = value[:_MAXIMUM]
    found = _STANDARD.search(value)
    if found:
        day, month, year, *rest = found.groups()
        return _seconds(_year(year), _MONTHS.get(month.lower(), 0), int(day), rest)
    found = _ISO.search(value)
    if found:
        year, month, day, *rest = found.groups()
        return _seconds(int(year), int(month), int(day), rest)
    found = _ASCTIME.search(value)
    if found:
        month, day, *rest, year = found.groups()
        return _seconds(int(year), _MONTHS.get(month.lower(), 0), int(day), rest)
    return None


def _year(text: str) -> int:
    """Years of two and three digits as RFC 5322, 4.3, has them."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if len(text) == 2 and year < 50 else 1900)


def _seconds(year: int, month: int, day: int, rest: list[str | None]) -> float | None:
    hour, minute, second, sign_hours, zone_minutes, zone = rest
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1 <= year <= 9999):
        return None
    if int(hour or 0) > 24 or int(minute or 0) > 59 or int(second or 0) > 60:
        return None
    offset = 0
    if sign_hours is not None:
        hours = int(sign_hours)
        minutes = int(zone_minutes or 0)
        offset = hours * 3600 + (-minutes if sign_hours.startswith("-") else minutes) * 60
    elif zone:
        offset = _ZONES.get(zone.lower(), 0) * 3600
    seconds = _days(year, month, day) * 86400 + int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    return float(seconds - offset)


def _days(year: int, month: int, day: int) -> int:
    """Days from 1 January 1970 in the Gregorian calendar, without importing one."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468
