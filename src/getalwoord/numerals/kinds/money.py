"""Amounts of money: euro and cent in all their word orders, and other currencies.

*Euro* and *cent* stay singular after a number (taaladvies.net, "Vijf euro / vijf euro's"). The
coins that had names of their own are those of the guilder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from getalwoord.numerals.forms import Form, Kind, never
from getalwoord.numerals.kinds.numbers import NUMBER
from getalwoord.numerals.slots import Cardinals, exact_decimal, signed
from getalwoord.numerals.values import Money


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as it is said.

    Attributes:
        unit: ISO 4217 code; codes of currencies that are gone stay as they were.
        words: The main unit in the patterns of forms, the official word first.
        part: A hundredth of it, likewise; "" if none is said.
    """

    unit: str
    words: str
    part: str = ""


_CENT = "cent|cents|centen|?centje|?centjes|?ct"
# What is common stands before what shares a word with it: *dollar* alone is that of America.
CURRENCIES = (
    Currency("EUR", "euro|euro's|euros|?eurootje|?eurootjes|?eur", f"{_CENT}|eurocent|eurocenten"),
    Currency("USD", "dollar|dollars|Amerikaanse_dollar|Amerikaanse_dollars", f"{_CENT}|dollarcent"),
    Currency(
        "GBP",
        "pond|ponden|pond_sterling|Brits_pond|Britse_pond|Britse_ponden",
        "pence|penny|pennies",
    ),
    Currency("NLG", "gulden|guldens|florijn|florijnen|?Nederlandse_gulden", _CENT),
    Currency("BEF", "Belgische_frank|Belgische_franken|frank|franken", "centiem|centiemen"),
    Currency(
        "CHF",
        "Zwitserse_frank|Zwitserse_franken|Zwitserse_franc|Zwitserse_francs",
        "rappen|centiem",
    ),
    Currency("FRF", "Franse_frank|Franse_franken|Franse_francs|franc|francs", "centime|centimes"),
    Currency("DEM", "Duitse_mark|Duitse_marken|mark|D-mark", "pfennig"),
    Currency("JPY", "yen|Japanse_yen"),
    Currency("CNY", "yuan|Chinese_yuan|renminbi|renminbi_yuan"),
    Currency("DKK", "Deense_kroon|Deense_kronen", "øre|ore"),
    Currency("SEK", "Zweedse_kroon|Zweedse_kronen|kroon|kronen", "öre|ore"),
    Currency("NOK", "Noorse_kroon|Noorse_kronen", "øre|ore"),
    Currency("RUB", "roebel|roebels|Russische_roebel|Russische_roebels", "kopeke|kopeken"),
    Currency("PLN", "zloty|zloty's|Poolse_zloty", "groszy"),
    Currency("CZK", "Tsjechische_kroon|Tsjechische_kronen"),
    Currency("HUF", "forint|Hongaarse_forint"),
    Currency("TRY", "Turkse_lira|Turkse_lire"),
    Currency("ITL", "lire|lira|Italiaanse_lire|Italiaanse_lira"),
    Currency("ESP", "peseta|peseta's|Spaanse_peseta"),
    Currency("INR", "roepie|roepies|Indiase_roepie|Indiase_roepies"),
    Currency("IDR", "Indonesische_roepia|roepia|rupiah"),
    Currency("ZAR", "Zuid-Afrikaanse_rand|rand"),
    Currency("CAD", "Canadese_dollar|Canadese_dollars", _CENT),
    Currency("AUD", "Australische_dollar|Australische_dollars", _CENT),
    Currency("SRD", "Surinaamse_dollar|Surinaamse_dollars", _CENT),
    Currency("MXN", "peso|peso's|Mexicaanse_peso"),
    Currency("KRW", "won|Zuid-Koreaanse_won"),
    Currency("NZD", "Nieuw-Zeelandse_dollar|Nieuw-Zeelandse_dollars", _CENT),
    Currency("SGD", "Singaporese_dollar|Singaporese_dollars", _CENT),
    Currency("HKD", "Hongkongse_dollar|Hongkongse_dollars"),
    Currency("BRL", "Braziliaanse_real"),
    Currency("EGP", "Egyptisch_pond|Egyptische_pond|Egyptische_ponden"),
    Currency("IEP", "Iers_pond|Ierse_pond|Ierse_ponden"),
    Currency("THB", "Thaise_baht|baht"),
    Currency("MAD", "Marokkaanse_dirham|dirham"),
    Currency("SAR", "Saoedische_riyal|riyal"),
    Currency("ILS", "Israëlische_shekel|shekel|shekels|sjekel"),
    Currency("ANG", "Antilliaanse_gulden|Antilliaanse_guldens"),
    Currency("SRG", "Surinaamse_gulden|Surinaamse_guldens"),
    Currency("FIM", "Finse_mark|Finse_marken|markka"),
    Currency("ATS", "Oostenrijkse_schilling|schilling"),
    Currency("LUF", "Luxemburgse_frank|Luxemburgse_franken"),
    Currency("GRD", "Griekse_drachme|drachme|drachmen"),
    Currency("PTE", "Portugese_escudo|escudo|escudo's"),
)

# Coins and notes with a name: cents, and the words for one and for more
_COINS = (
    (5, "stuiver", "stuivers"),
    (10, "dubbeltje", "dubbeltjes"),
    (25, "kwartje", "kwartjes"),
    (250, "rijksdaalder|knaak", "rijksdaalders|knaken"),
    (1000, "tientje|joet", "tientjes|joeten"),
    (2500, "geeltje", "geeltjes"),
    (10_000, "meier", "meiers"),
)
_GUILDER = "NLG"
_STUIVERS = 20
#: The words for coins and notes
COINS = frozenset(word for _, *words in _COINS for one in words for word in str(one).split("|"))
#: Those and the words for units of other money than euros, but for *Belgische* and the like
UNITS_OF_MONEY = COINS | frozenset(
    word
    for currency in CURRENCIES[1:]
    for written in f"{currency.words}|{currency.part}".split("|")
    for word in written.strip("?").split("_")
    if word.islower()
)


def _of(value: Any, unit: str) -> Decimal | None:
    return value.amount if isinstance(value, Money) and value.unit == unit else None


def _in_cents(amount: Decimal | None) -> tuple[int, int] | None:
    """Give main units and cents; nothing where there are no cents, or parts of them."""
    hundredths = None if amount is None else Fraction(amount) * 100
    if hundredths is None or hundredths.denominator > 1 or hundredths % 100 == 0:
        return None
    return divmod(int(hundredths), 100)


def _first_with(part: str) -> Currency:
    """Give the currency that is meant by a word that several have for a hundredth."""
    word = part.partition("|")[0]
    return next(c for c in CURRENCIES if c.part.partition("|")[0] == word)


def _forms(currency: Currency) -> list[Form]:
    unit, main = currency.unit, currency.words
    alone = currency.part if _first_with(currency.part) is currency else ""

    def in_main(number: int | Fraction | Decimal) -> Money | None:
        amount = exact_decimal(number)
        return None if amount is None else Money(amount, unit)

    def in_both(whole: int, cents: int) -> Money:
        return Money(Decimal(f"{whole}.{cents:02}"), unit)

    def amount_if(without_cents: bool) -> Callable[[Any], tuple[Any] | None]:
        def parts(value: Any) -> tuple[Any] | None:
            amount = _of(value, unit)
            if amount is None or without_cents != (_in_cents(amount) is None or not currency.part):
                return None
            return (amount,)

        return parts

    def both(value: Any) -> tuple[int, int] | None:
        parts = _in_cents(_of(value, unit))
        return parts if parts and (parts[0] or not alone) else None

    def cents_alone(value: Any) -> tuple[int] | None:
        parts = _in_cents(_of(value, unit))
        return parts[1:] if parts and not parts[0] else None

    def below_ten(value: Any) -> tuple[int, int] | None:
        return parts if (parts := both(value)) and parts[1] < 10 else None

    forms = [Form(f"{{number}} {main}", in_main, amount_if(True))]
    if not currency.part:
        return forms
    if alone:
        forms.append(Form(f"{{cents}} {alone}", lambda cents: in_both(0, cents), cents_alone))
    return [
        *forms,
        Form(f"{{whole}} {main} |en {{cents}} |{currency.part}", in_both, both),
        Form(f"{{whole}} {main} , {{cents}} |{currency.part}", in_both, never),
        Form(f"{{whole}} {main} nul {{unit}} |{currency.part}", in_both, below_ten, "with nul"),
        Form(f"{{whole}} {main} nul_nul", lambda whole: in_both(whole, 0), never),
        Form(f"{{number}} {main}", never, amount_if(False), "as a decimal"),
        Form(f"{{few}} {{tens}} {main}", in_both, never),  # *drie vijftig euro*
    ]


def _coin_forms(cents: int, one: str, more: str) -> list[Form]:
    def value(count: int | Fraction | Decimal) -> Money | None:
        amount = exact_decimal(Fraction(count) * cents / 100)
        return None if amount is None else Money(amount, _GUILDER)

    def count_of(value: Any) -> int:
        amount = _of(value, _GUILDER)
        count = 0 if amount is None else Fraction(amount) * 100 / cents
        return int(count) if count in (1, 2, 3) else 0

    return [
        Form(f"een| {one}", lambda: value(1), lambda v: () if count_of(v) == 1 else None, one),
        Form(
            f"{{number}} {more}|{one}",
            value,
            lambda v: (count_of(v),) if count_of(v) > 1 else None,
            more,
        ),
    ]


def _in_stuivers(guilders: int, stuivers: int) -> Money:
    return Money(guilders + Decimal(stuivers) / _STUIVERS, _GUILDER)


def _daalders(number: int | Fraction | Decimal = 1) -> Money | None:
    amount = exact_decimal(Fraction(number) * 3 / 2)
    return None if amount is None else Money(amount, _GUILDER)


def _tons(number: int | Fraction | Decimal, unit: str) -> Money | None:
    amount = exact_decimal(Fraction(number) * 100_000)
    return None if amount is None else Money(amount, unit)


MONEY = signed(
    Kind(
        [
            *(form for currency in CURRENCIES for form in _forms(currency)),
            *(form for coin in _COINS for form in _coin_forms(*coin)),
            # Until 1816 a guilder had twenty stuivers
            Form("{whole} gulden|guldens |en {part} stuivers|stuiver", _in_stuivers, never),
            Form("een| daalder", _daalders, never),
            Form("{number} daalders|daalder", _daalders, never),
            # In common speech, a hundred thousand
            Form("{number} ton |euro", lambda number: _tons(number, "EUR"), never),
            Form("{number} ton gulden", lambda number: _tons(number, _GUILDER), never),
        ],
        {
            "number": NUMBER,
            "whole": Cardinals(),
            "cents": Cardinals(0, 99),
            "unit": Cardinals(1, 9),
            "few": Cardinals(1, 99),
            "tens": Cardinals(10, 99),
            "part": Cardinals(1, _STUIVERS - 1),
        },
    )
)

#: *Drie vijftig*: only where a price is spoken of is this more than two numbers.
PRICE = Kind(
    [Form("{few} {tens}", lambda few, tens: Money(Decimal(f"{few}.{tens}"), "EUR"), never)],
    {"few": Cardinals(1, 99), "tens": Cardinals(10, 99)},
)
