"""Hostile and broken streams cost what they are long, lose only what is broken, and say so.

Work is counted, not timed: calls of Python and C functions, bytes that `find` runs over and slices copy, and memory.
Twice the input may take twice as much, and a little more for what grows in steps.
"""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler import flight

CORPUS = Path(__file__).parent / "corpus"
SIZE = 400
GROWTH = 2.4

Make = Callable[[int], bytes]


def html(pushed: bytes) -> bytes:
    return b"<script>self.__next_f.push(%b)</script>" % pushed


HOSTILE: dict[str, Make] = {
    "nested arrays": lambda n: b"0:" + b"[" * n + b"]" * n + b"\n",
    "nested objects": lambda n: b"0:" + b'{"a":' * n + b"1" + b"}" * n + b"\n",
    "nested by rows": lambda n: b"".join(b'%x:{"a":["$%x"]}\n' % (row, row + 1) for row in range(n)),
    "a chain": lambda n: b"".join(b'%x:"$%x"\n' % (row, row + 1) for row in range(n)) + b'%x:{"end":1}\n' % n,
    "a chain backwards": lambda n: b"0:null\n" + b"".join(b'%x:"$L%x"\n' % (row + 1, row) for row in range(n)),
    "a circle": lambda n: b"".join(b'%x:"$%x"\n' % (row, (row + 1) % n) for row in range(n)),
    "rows that are themselves": lambda n: b"".join(b'%x:"$%x"\n' % (row, row) for row in range(n)),
    "laughs": lambda n: b"".join(b'%x:["$%x","$%x"]\n' % (row, row + 1, row + 1) for row in range(n)),
    "laughing maps": lambda n: b"".join(
        b'%x:[["a","$Q%x"],["b","$Q%x"]]\n' % (row, row + 1, row + 1) for row in range(n)
    ),
    "maps as keys": lambda n: b"".join(b'%x:[["$Q%x",1]]\n' % (row, row + 1) for row in range(n)) + b'%x:"$Q0"\n' % n,
    "a long path": lambda n: b'0:{"a":{"a":"$0:a"},"b":"$0%b"}\n' % (b":a" * n),
    "a long path, often": lambda n: (
        b'1:{"a":"$0%b"}\n0:{"a":{"a":1}}\n2:[%b]\n' % (b":a" * n, b",".join([b'"$1:a"'] * n))
    ),
    "many long paths": lambda n: b'0:{"a":[%b]}\n' % b",".join(b'"$0%b:%d"' % (b":a" * 50, i) for i in range(n)),
    "paths of paths": lambda n: b"".join(b'%x:{"a":"$%x:a:a"}\n' % (row, row + 1) for row in range(n)),
    "one map entry, often": lambda n: b'1:[%b]\n0:[%b]\n2:"$Q0"\n' % (b",".join([b"1"] * n), b",".join([b'"$1"'] * n)),
    "one long text, often": lambda n: (
        b'1:"$$%b"\n' % (b"x" * n) + b"".join(b'%x:"$1"\n' % (row + 2) for row in range(n))
    ),
    "one long blob, often": lambda n: (
        b'1:A%x,%b2:["",%b]\n3:["$B2","$B02"]\n' % (n, b"x" * n, b",".join([b'"$1"'] * n))
    ),
    "colliding keys": lambda n: (
        b'1:[%b]\n0:"$Q1"\n' % b",".join(b'["$n%d",1]' % (row * (2**61 - 1)) for row in range(9, n + 9))
    ),
    "one number, often": lambda n: b'1:{"a":1}\n' * n,
    "one stream, often": lambda n: b"1:X\n1:1\n1:C\n" * n,
    "a long stream": lambda n: b'1:X\n%b0:["$1","$1"]\n' % (b'1:{"a":["$1"]}\n' * n),
    "dangling": lambda n: b"0:[%b]\n" % b",".join(b'"$%x:a"' % (row + 1) for row in range(n)),
    "tiny rows": lambda n: b"".join(b"%x:1\n" % row for row in range(n)),
    "colons": lambda n: b":" * n,
    "colons on lines": lambda n: b":\n" * n,
    "digits": lambda n: b"1" * n,
    "lines of digits": lambda n: b"123456789\n" * n + b":",
    "lines of no rows": lambda n: b"no row\n" * n,
    "lengths that are none": lambda n: b"1:T-5,\n" * n,
    "lengths that pass the end": lambda n: b"1:Tffffffff," * n,
    "modules": lambda n: b'1:"$$a"\n' + b"".join(b'%x:I["$1",["$1","$2"],"$3"]\n' % (row + 2) for row in range(n)),
    "broken rows": lambda n: b'1:{"a":"\\ud800"\n' * n,
    "half pairs": lambda n: b"".join(b'%x:["\\ud800",12345678901234567890123]\n' % row for row in range(n)),
    "elements": lambda n: b'1:{"a":1}\n' + b"".join(b'%x:["$","p",null,"$1"]\n' % (row + 2) for row in range(n)),
    "pushes": lambda n: html(b'[1,"0:1\\n"]') * n,
    "empty pushes": lambda n: html(b"") * n,
    "one script of pushes": lambda n: b"<script>%b</script>" % (b'self.__next_f.push([1,"x"]);' * n),
    "pushes without an end": lambda n: b'<script>self.__next_f.push([1,"a"]' * n,
    "mentions": lambda n: b"<p>self.__next_f.push(" * n,
    "scripts with mentions": lambda n: b"<script>if(self.__next_f)" * n + b"</script>",
    "nested push": lambda n: html(b"[1,%b]" % (b"[" * n)),
}


class Metered(bytes):
    """Bytes that count what is looked at."""

    looked_at = 0

    def find(self, needle: bytes, start: int = 0, end: int | None = None) -> int:  # type: ignore[override] # narrower
        stop = len(self) if end is None else end
        found = super().find(needle, start, stop)
        Metered.looked_at += (found if found >= 0 else stop) - start
        return found

    def __getitem__(self, place: slice) -> bytes:  # type: ignore[override] # the decoder takes slices only
        part = super().__getitem__(place)
        Metered.looked_at += len(part)
        return part


def read_everything(body: bytes) -> flight.Payload:
    payload = flight.decode(body)
    dict(payload.rows)
    list(payload.find_prop("a"))
    list(payload.find_objects("a"))
    list(payload.texts("x"))
    assert payload.problems is not None
    return payload


def work(body: bytes) -> int:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    Metered.looked_at = 0
    metered = Metered(body)
    sys.setprofile(count)
    try:
        read_everything(metered)
    finally:
        sys.setprofile(before)
    return 10 * calls + Metered.looked_at


def memory(body: bytes) -> int:
    tracemalloc.start()
    try:
        read_everything(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_work_and_memory_grow_with_the_input(make: Make) -> None:
    once, twice = make(SIZE), make(2 * SIZE)
    work(make(10))
    longer = max(len(twice) / len(once), 1)
    assert work(twice) < GROWTH / 2 * longer * work(once) + 2000
    assert memory(twice) < GROWTH / 2 * longer * memory(once) + 20_000


def test_what_is_nested_too_deep_costs_its_row() -> None:
    payload = flight.decode(b"1:" + b"[" * 100_000 + b"]" * 100_000 + b'\n0:{"kept":1,"deep":"$1"}\n')
    assert dict(payload.rows) == {0: {"kept": 1}}
    assert [problem.row for problem in payload.problems] == [1, 0]


def test_a_million_rows_are_read() -> None:
    payload = flight.decode(HOSTILE["tiny rows"](100_000))
    assert len(payload.rows) == 100_000


def test_a_long_chain_is_followed_to_its_end() -> None:
    payload = flight.decode(HOSTILE["a chain"](50_000))
    assert payload.rows[0] == {"end": 1}
    assert payload.rows[49_999] is payload.rows[0]
    assert payload.problems == []


def test_what_is_shared_is_not_copied() -> None:
    payload = flight.decode(HOSTILE["laughs"](60) + b"3c:[]\n")
    node = payload.rows[0]
    for _ in range(60):
        assert isinstance(node, list)
        assert node[0] is node[1]
        node = node[0]


def test_problems_are_listed_up_to_a_number() -> None:
    problems = flight.decode(b"no row\n" * 5000).problems
    assert len(problems) == 1001
    assert problems[0] == (None, 0, "not a row")
    assert problems[-1] == (None, 7000, "more problems than are listed")


WORDING = re.compile("(?<=not JSON): .*")  # of another library, in whichever version
CASES = sorted(CORPUS.glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_broken_costs_itself_and_is_named(path: Path) -> None:
    payload = read_everything(path.read_bytes())
    expected = path.with_suffix(".expected")
    seen = "".join(f"{row} {value!r}\n" for row, value in payload.rows.items())
    seen += "".join(
        f"problem {problem.row} {problem.offset} {WORDING.sub('', problem.what)}\n" for problem in payload.problems
    )
    if not expected.exists():
        expected.write_text(seen)
        pytest.fail(f"{expected.name} was missing; look at what was written")
    assert seen == expected.read_text()
