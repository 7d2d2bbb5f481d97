"""How checks are written down and called. A check is an async function that is given a client of the SDK."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from langgraph_sdk import get_client, get_sync_client


@dataclass(frozen=True)
class Context:
    url: str
    # The same server behind a proxy that cuts every stream that a POST has opened in the middle, once.
    cutting_url: str
    # Makes a client like the one that the check is given, for another address.
    connect: Callable[[str], Any]


CheckFunction = Callable[[Any, Context], Awaitable[None]]
# By client and name.
CHECKS: dict[tuple[str, str], CheckFunction] = {}


def check(name: str, *clients: str) -> Callable[[CheckFunction], CheckFunction]:
    """Adds a check. It is made with the asynchronous and with the synchronous client, unless others are named."""

    def add(function: CheckFunction) -> CheckFunction:
        CHECKS.update({(client, name): function for client in clients or ("async", "sync")})
        return function

    return add


class Waiting:
    """A synchronous client behind asynchronous calls, so that one check can drive both."""

    def __init__(self, target: Any):
        self._target = target

    def __getattr__(self, name: str):
        found = getattr(self._target, name)
        if callable(found):
            return lambda *args, **kwargs: Call(lambda: found(*args, **kwargs))
        return Waiting(found)


class Call:
    """What a synchronous call gives, to be awaited or, where it is a stream, to be gone through."""

    def __init__(self, call: Callable[[], Any]):
        self._call = call

    def __await__(self):
        return asyncio.to_thread(self._call).__await__()

    async def _parts(self):
        stream = await self
        end = object()
        try:
            while (part := await asyncio.to_thread(next, stream, end)) is not end:
                yield part
        finally:
            await asyncio.to_thread(stream.close)

    def __aiter__(self):
        return self._parts()


CONNECT: dict[str, Callable[[str], Any]] = {
    "async": lambda url: get_client(url=url),
    "sync": lambda url: Waiting(get_sync_client(url=url)),
    # Checks of RemoteGraph make their graphs themselves; the client is for what surrounds them and proves nothing.
    "remote-graph": lambda url: get_client(url=url, headers={"x-asked-by": "test"}),
}


async def collect(stream: Any) -> list[Any]:
    return [part async for part in stream]


async def first(stream: Any, wanted: Callable[[Any], bool]) -> Any:
    """The first part that is wanted; then leaves the stream."""
    async with aclosing(aiter(stream)) as parts:
        async for part in parts:
            if wanted(part):
                return part
    raise AssertionError("The stream ended before what was waited for.")


async def until(question: Callable[[], Awaitable[bool]]) -> None:
    """Asks until the answer is yes; the runner ends a check that waits too long."""
    while not await question():
        await asyncio.sleep(0.02)


def equal(actual: Any, expected: Any) -> None:
    assert actual == expected, f"got {actual!r}, expected {expected!r}"


def has(actual: Any, expected: dict[str, Any]) -> None:
    """These keys with these values; others may be there too."""
    equal({key: actual.get(key) for key in expected}, expected)


async def raises(kind: type[Exception], call: Awaitable[Any]) -> Exception:
    try:
        await call
    except kind as error:
        return error
    raise AssertionError(f"Nothing raised {kind.__name__}.")

