"""Finding things without knowing their row, and the face of a payload."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import flight

Json: TypeAlias = Any

REAL = Path(__file__).parents[3] / "shared" / "fixtures" / "harmony-item.flight.txt"


def test_a_prop_is_found_wherever_its_element_is() -> None:
    payload = flight.decode(
        b'1:["$","p",null,{"x":1,"children":["$","b",null,{"x":"$n2"}]}]\n'
        b'2:[["m",["$","i",null,{"x":"$@5"}]]]\n'
        b'3:X\n3:["$","u",null,{"x":{"x":["$","s",null,{"x":5}]}}]\n'
        b'4:T10,"x":["$","q",no]5:"four"\n'
        b'0:["$Q2","$3",{"x":"no prop"},["$$","no",null,{"x":"element"}],["$","p",null,{"x":"$undefined"}]]\n'
    )
    assert list(payload.find_prop("x")) == [1, 2, "four", {"x": ["$", "s", None, {"x": 5}]}, 5]
    assert payload.problems == []


def test_a_prop_is_found_in_props_that_stand_elsewhere() -> None:
    payload = flight.decode(
        b'1:{"x":1}\n2:{"props":{"x":2}}\n3:["$","p",null,"$1"]\n4:["$","p",null,"$2:props"]\n'
        b'5:["$","p",null,"$3:props"]\n6:["$","p",null,"$9"]\n7:["$","p",null,{"x":7}]\n'
    )
    assert list(payload.find_prop("x")) == [7, 1, 2, 1]


def test_the_name_of_a_prop_may_need_escapes() -> None:
    payload = flight.decode('0:["$","p",null,{"a \\"b\\" é":1}]\n'.encode())
    assert list(payload.find_prop('a "b" é')) == [1]
    assert list(payload.find_prop("\ud83d")) == []


def test_objects_are_found_once_each_row_by_row() -> None:
    payload = flight.decode(
        b'1:{"a":1,"b":{"a":2,"b":"$3"}}\n2:[["k",{"b":3,"a":"$1"}]]\n3:"text"\n4:{"a":4}\n'
        b'5:X\n5:{"a":5,"b":5}\n0:["$1","$Q2",["$","p",null,{"b":6,"a":6}],"$1:b",{"a":7,"b":"$undefined"},{"a":8,"b":"$99"}]\n'
    )
    found = list(payload.find_objects("a", "b"))
    assert [each["a"] for each in found] == [1, 2, found[0], 5, 6]
    assert found[0]["b"] is found[1]
    assert found[1]["b"] == "text"
    assert [each["a"] for each in payload.find_objects("a")][-3:] == [7, 8, 6]


TREES = st.recursive(
    st.sampled_from([1, "$undefined", "a", '"a":', "$$"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", '"a', 'x"a', "c"]), inner, max_size=4)
    ),
    max_leaves=20,
)


def objects(tree: Json) -> list[Json]:
    """Every object of a tree, the nearer ones to its root first."""
    found, level = [], [tree]
    while level:
        found += [node for node in level if isinstance(node, dict)]
        containers = [node for node in level if isinstance(node, (dict, list))]
        level = [each for node in containers for each in (node.values() if isinstance(node, dict) else node)]
    return found


@given(TREES)
def test_no_object_is_passed_over(tree: Json) -> None:
    text = json.dumps(tree, separators=(",", ":"))
    payload = flight.decode(f'0:["a",{text},{{"a":1,"a":2,"b":{text}}}]\n'.encode())
    expected = [each for each in objects(payload.rows[0]) if each.keys() >= {"a", "b"}]
    found = list(payload.find_objects("a", "b"))
    assert list(map(id, found)) == list(map(id, expected))
    element = flight.decode(f'0:[{text},["$","p",null,{{"c":{text},"a":0}}]]\n'.encode())
    assert list(element.find_prop("a")) == [0]


def test_rows_that_cannot_match_are_not_parsed() -> None:
    payload = flight.decode(b'1:{"a":}\n2:{"b":1}\n3:{"b":}\n')
    assert next(payload.find_objects("b")) == {"b": 1}
    assert payload._raw._segments.keys() == {1}  # noqa: SLF001 - what was parsed shows nowhere else
    assert [problem.row for problem in payload.problems] == [1, 3]


def test_texts_are_found_verbatim_and_behind_escapes() -> None:
    marked = 'say "go" $'
    payload = flight.decode(
        b'1:Tc,$say "go" $ \n2:["$$ say \\"go\\" $",{"say \\"go\\" $":"a key"},"$Ssay \\"go\\" $"]\n'
        b'3:E{"digest":"say \\"go\\" $ now"}\n4:T9,say \\"go5:A8,say "go"'
    )
    assert list(payload.texts(marked)) == ["$" + marked + " ", "$ " + marked, marked + " now"]
    assert list(payload.texts("\ud83d")) == []


def test_elements_are_told_from_data() -> None:
    row: Json = flight.decode(b'0:[["$","p","k",{}],["$$","p","k",{}],["$"],["$",{}],["$",1,2,3,4]]\n').rows[0]
    element, data, *odd = row
    assert element == data == ["$", "p", "k", {}]
    assert odd == [["$"], ["$", {}], ["$", 1, 2, 3]]
    assert [flight.is_element(each) for each in (element, data, *odd)] == [True, False, True, True, True]
    others: list[object] = ["$", ["a"], [], {}]
    assert not any(flight.is_element(each) for each in others)


def test_an_unknown_type_costs_nothing_and_is_no_text() -> None:
    payload = flight.decode(b'1:T3,$9x0:[["$","$L7",null,{"a":1}],["$","$1",null,{}],["$","$L1",null,{"a":"$L7"}]]\n')
    assert payload.rows[0] == [["$", None, None, {"a": 1}], ["$", "$9x", None, {}], ["$", "$9x", None, {}]]
    assert [problem.what for problem in payload.problems] == ["$L7 stands for nothing"]


def test_a_failed_value_is_its_error_whatever_it_was_to_be() -> None:
    payload = flight.decode(b'1:E{"digest":"d"}\n0:["$B1","$Q1","$W1","$h1","$1","$L1","$@1",["$","$1",null,{}]]\n')
    error = flight.RemoteError("d")
    assert payload.rows[0] == [*[error] * 7, ["$", error, None, {}]]
    assert payload.problems == []


def test_a_map_is_a_dict_where_a_dict_loses_nothing() -> None:
    payload = flight.decode(
        b'1:[["a",1],["$n5",2],[null,"$undefined"]]\n2:[[1,"a"],[true,"b"]]\n3:[["$1",1]]\n4:[["$n%d",1]]\n5:[["a",1],["a",2]]\n'
        b'0:["$Q1","$Q2","$Q3","$Q4","$Q5"]\n' % 2**64
    )
    row: Json = payload.rows[0]
    plain, bools, unhashable, huge, double = row
    assert plain == {"a": 1, 5: 2, None: None}
    assert bools == [[1, "a"], [True, "b"]]
    assert unhashable == [[payload.rows[1], 1]]
    assert huge == [[2**64, 1]]
    assert double == [["a", 1], ["a", 2]]


def test_a_cycle_through_maps_keeps_one_object() -> None:
    payload = flight.decode(
        b'1:[["self",{"map":"$Q1","row":"$0"}],["set","$W2"]]\n2:["$Q1","$i2"]\n0:{"map":"$Q1","again":"$0:map"}\n'
    )
    root: Json = payload.rows[0]
    assert root["again"] is root["map"]
    assert root["map"]["self"]["map"] is root["map"]
    assert root["map"]["self"]["row"] is root
    assert root["map"]["set"][0] is root["map"]
    assert root["map"]["set"][1] is root["map"]["set"]


def test_problems_show_in_either_order() -> None:
    broken = b'1:{"a":}\n0:{"kept":1,"b":"$1"}\n'
    assert [problem.row for problem in flight.decode(broken).problems] == [1]
    payload = flight.decode(broken)
    assert payload.rows[0] == {"kept": 1}
    assert {problem.row for problem in payload.problems} == {0, 1}
    assert list(payload.rows) == [0]
    assert 1 not in payload.rows
    assert len(payload.rows) == 1
    with pytest.raises(KeyError):
        payload.rows[1]


def test_a_payload_is_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        payload = flight.decode(b'0:["$","p",null,{"a":"$0:props"}]\n')
        assert len(list(payload.find_prop("a"))) == 1
        gone = weakref.ref(payload._raw)  # noqa: SLF001 - it holds the body
        del payload
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.skipif(not REAL.exists(), reason="the recorded page lies beside the checkout or nowhere")
def test_the_real_page_is_read_whole() -> None:
    payload = flight.decode(REAL.read_bytes())
    dataset = next(payload.find_prop("dataset"))
    assert isinstance(dataset, dict)
    assert len(dataset["description"].encode()) == 5407
    assert len(dict(payload.rows)) == 25
    assert payload.problems == []
    assert [text[:12] for text in payload.texts('"@type":"Dataset"')] == ['{"@context":']
