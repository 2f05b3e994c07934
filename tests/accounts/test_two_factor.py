import pytest

from eventlens.accounts.two_factor import code_of

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str):
    """RFC 6238, appendix B, the last six digits."""
    assert code_of(RFC_SECRET, seconds // 30) == code
