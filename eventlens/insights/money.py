"""Money: amounts in minor units of their currency, which never add up with those of another."""

from typing import LiteralString

from msgspec import Struct

EARNING: LiteralString = "e.revenue != 0"
"""Events that count here."""

_DIGITS: dict[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""ISO 4217: decimals of the currencies that do not have two."""


def digits(currency: str) -> int | None:
    """How many of an amount's last digits are decimals; None where the currency is unknown."""
    return _DIGITS.get(currency, 2) if currency else None


class Earning(Struct, kw_only=True):
    """What converting events earned, in minor units of a currency (null: they name none)."""

    currency: str | None
    digits: int | None
    amount: int
    orders: int
