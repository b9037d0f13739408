"""Decodes React Flight, the stream in which a server sends React components and their data to the browser.

`decode` takes the bytes of such a stream, or of a page of HTML that embeds one, and gives a `Payload`.

| on the server | here |
|---|---|
| `undefined` | no key in an object, None in a list |
| `Date` | an aware datetime; text where Python has no such date |
| `Map` | a dict; a list of pairs where a dict would not take a key, or would lose one |
| `Set`, iterator, `FormData` | a list; of pairs for `FormData` |
| stream, async iterable | the list of its items, the error that ended it last |
| promise, lazy value | its value |
| `BigInt` | int |
| typed array, `ArrayBuffer`, `Blob` | bytes |
| element | the list `[ELEMENT, type, key, props]` |
| error, module, symbol, server function | `RemoteError`, `Module`, `Symbol`, `ServerFunction` |

A reference to nothing is like `undefined`, and a problem. Nothing is ever evaluated.
"""

from .payload import Payload, Rows, decode
from .scan import Problem
from .values import ELEMENT, Module, RemoteError, ServerFunction, Symbol, is_element

__all__ = [
    "ELEMENT",
    "Module",
    "Payload",
    "Problem",
    "RemoteError",
    "Rows",
    "ServerFunction",
    "Symbol",
    "decode",
    "is_element",
]
