"""Money: amounts in minor units of their currency, which never add up with those of another."""

from typing import LiteralString, Protocol

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


def earning(currency: str, amount: int, orders: int) -> Earning:
    """What was earned in a currency, '' for none."""
    return Earning(currency=currency or None, digits=digits(currency), amount=amount, orders=orders)


class _InCurrency(Protocol):
    orders: int
    currency: str | None


def most_orders(row: _InCurrency) -> tuple[int, str]:
    """The place of a currency's row in an answer: most orders first, which amounts cannot decide."""
    return -row.orders, row.currency or ""
