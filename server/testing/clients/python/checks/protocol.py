"""Streaming protocol v2, by `client.threads.stream`."""

import asyncio
from contextlib import asynccontextmanager

from checking import Waiting, check, equal, until

MESSAGE = {"messages": [{"role": "user", "content": "hi"}]}
TRANSPORTS = ("sse", "websocket")


class Opened(Waiting):
    """The synchronous client's stream behind the asynchronous one's calls."""

    @property
    def output(self):
        return asyncio.to_thread(lambda: self._target.output)

    @property
    def interrupts(self):
        return self._target.interrupts

    @property
    def run(self):
        return Waiting(self._target.run)


@asynccontextmanager
async def opened(client, assistant, transport, thread_id=None):
    stream = client.threads.stream(thread_id, assistant_id=assistant, transport=transport)
    if hasattr(stream, "__aenter__"):
        async with stream as thread:
            yield thread
    else:
        target = await stream
        await asyncio.to_thread(target.__enter__)
        try:
            yield Opened(target)
        finally:
            await asyncio.to_thread(target.__exit__, None, None, None)


async def run_to_its_end(client, transport):
    async with opened(client, "counter", transport) as thread:
        await thread.run.start(input={"count": 1})
        updates = [event["params"]["data"] async for event in thread.subscribe(["updates"])]
        equal([update["node"] for update in updates], ["add", "tell"])
        equal((await thread.output)["count"], 2)


async def spoken(client, transport):
    async with opened(client, "chat", transport) as thread:
        await thread.run.start(input=MESSAGE)
        said = [event["params"]["data"] async for event in thread.subscribe(["messages"])]
        equal([said[0]["event"], said[-1]["event"]], ["message-start", "message-finish"])
        deltas = [data["delta"]["text"] for data in said if data["event"] == "content-block-delta"]
        equal("".join(deltas), "You said: hi")
        assert len(deltas) > 5, deltas


async def is_asked(thread):
    return len(thread.interrupts) > 0


async def asked(client, transport):
    async with opened(client, "approval", transport) as thread:
        await thread.run.start(input={"topic": "tides"})
        await until(lambda: is_asked(thread))
        equal(thread.interrupts[0]["value"]["question"], "Publish?")
        await thread.run.respond(True)
        equal((await thread.output)["approved"], True)


async def failed(client, transport):
    async with opened(client, "failing", transport) as thread:
        await thread.run.start(input={"topic": "tides"})
        try:
            await thread.output
        except RuntimeError as error:
            assert "This node always fails." in str(error), error
        else:
            raise AssertionError("The output of a run that failed was given.")


async def followed(client, transport):
    """A run that plain REST started, of a thread that was there before."""
    thread_id = (await client.threads.create())["thread_id"]
    async with opened(client, "counter", transport, thread_id) as thread:
        await client.runs.wait(thread_id, "counter", input={"count": 1})
        equal((await thread.output)["count"], 2)


for title, tried in {
    "a run has its updates and its output": run_to_its_end,
    "a message comes letter by letter": spoken,
    "a question is asked and answered": asked,
    "the failure of a node is told": failed,
    "a run that another client started is followed": followed,
}.items():
    for by in TRANSPORTS:

        @check(f"protocol v2 by {by}: {title}")
        async def by_transport(client, _context, tried=tried, by=by):
            await tried(client, by)
