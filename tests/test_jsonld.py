"""JSON-LD as pages have it: well-formed, and not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import jsonld

NODE = {"@type": "Dataset", "name": 'Rain & "shine"'}
TEXT = json.dumps(NODE)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.encode(),
        f"\n\t{TEXT}\n",
        f"\ufeff{TEXT}",
        f"<!-- {TEXT} -->",
        f"<![CDATA[{TEXT}]]>",
        f"// <![CDATA[\n{TEXT}\n// ]]>",
        f"/* <![CDATA[ */ {TEXT} /* ]]> */",
        f"{TEXT};",
        f"{TEXT}}}}} left over",
        "{&quot;@type&quot;: &quot;Dataset&quot;, &quot;name&quot;: &quot;Rain &amp; \\&quot;shine\\&quot;&quot;}",
        b'{"@type":"Dataset","name":"Rain & \\"shine\\""}\xff',
    ],
)
def test_marks_around_the_json_are_put_up_with(text: str | bytes) -> None:
    assert jsonld.nodes(text) == [NODE]


def test_raw_line_breaks_and_lone_surrogates_cost_nothing() -> None:
    assert jsonld.nodes('{"@type":"Dataset","name":"two\nlines"}') == [{"@type": "Dataset", "name": "two\nlines"}]
    assert jsonld.nodes(r'{"@type":"Dataset","name":"\ud83d"}') == [{"@type": "Dataset", "name": "\ud83d"}]


@pytest.mark.parametrize("text", ["", "null", "3", "{", "[", "none", b"\xff", "[" * 99_999, '{"a":' * 5000])
def test_text_without_nodes_has_none(text: str | bytes) -> None:
    assert jsonld.nodes(text) == []


def test_entities_inside_sound_json_stay() -> None:
    assert jsonld.nodes('{"@type":"Dataset","name":"&quot;a&quot;"}')[0]["name"] == "&quot;a&quot;"


def test_nodes_come_in_document_order_from_wherever_they_are() -> None:
    part = {"@type": "Dataset", "name": "part"}
    whole = {"@type": "Dataset", "name": "whole", "publisher": {"name": "no type"}, "hasPart": [part]}
    text = json.dumps([{"@context": "https://schema.org", "@graph": [whole, {"name": "untyped"}]}, NODE])
    assert [node["name"] for node in jsonld.nodes(text)] == ["whole", "part", "untyped", NODE["name"]]


@pytest.mark.parametrize("kind", [None, 3, {}, [None, 3]])
def test_a_type_that_is_no_name_is_none(kind: object) -> None:
    assert jsonld.types({"@type": kind}) == set()


@given(st.text() | st.binary())
def test_nothing_is_raised_on_any_text(text: str | bytes) -> None:
    assert all(isinstance(node, dict) for node in jsonld.nodes(text))


VALUES = st.none() | st.integers(0, 9) | st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=2)
NODES = st.dictionaries(st.sampled_from(["name", "@id", "license"]), VALUES)


@given(st.lists(NODES, max_size=4))
def test_every_typed_node_is_found_once(parts: list[dict[str, object]]) -> None:
    typed = [part | {"@type": "Dataset"} for part in parts]
    nested = {"@type": "DataCatalog", "dataset": typed}
    assert jsonld.nodes(json.dumps({"@graph": [nested]})) == [nested, *typed]
    assert jsonld.nodes(json.dumps(typed)) == typed
