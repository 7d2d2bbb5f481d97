"""RemoteGraph by itself, asynchronously and in a thread, and as a node of a graph that runs here."""

import asyncio
from operator import add
from typing import Annotated, TypedDict
from uuid import uuid4

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.pregel.remote import RemoteException, RemoteGraph
from langgraph.types import Command

from checking import check, collect, equal, raises


async def new_thread(client):
    return {"configurable": {"thread_id": (await client.threads.create())["thread_id"]}}


@check("is invoked, with and without a thread", "remote-graph")
async def invoke(client, context):
    graph = RemoteGraph("counter", url=context.url)
    config = await new_thread(client)
    equal(await graph.ainvoke({}, config), {"count": 1, "log": ["added 1", "now 1"]})
    equal((await asyncio.to_thread(graph.invoke, {}, config))["count"], 2)
    equal((await graph.ainvoke({"count": 5}))["count"], 6)


@check("streams one mode or several", "remote-graph")
async def stream(client, context):
    graph = RemoteGraph("counter", url=context.url)
    updates = [{"add": {"count": 1, "log": ["added 1"]}}, {"tell": {"log": ["now 1"]}}]
    equal(await collect(graph.astream({}, stream_mode="updates")), updates)
    equal(await asyncio.to_thread(lambda: list(graph.stream({}, stream_mode="updates"))), updates)
    several = await collect(graph.astream({"count": 1}, await new_thread(client), stream_mode=["custom", "values"]))
    equal([part.event for part in several], ["values", "custom", "values", "values"])


@check("streams messages and graphs inside", "remote-graph")
async def stream_inside(client, context):
    said = await collect(RemoteGraph("chat", url=context.url).astream({"messages": [{"role": "user", "content": "hi"}]}, stream_mode="messages"))
    equal("".join(chunk["content"] for chunk, _ in said), "You said: hi")
    parts = await collect(RemoteGraph("nested", url=context.url).astream({"topic": "tides"}, await new_thread(client), stream_mode="updates", subgraphs=True))
    equal([(len(namespace), list(update)) for namespace, update in parts], [(1, ["look"]), (1, ["doubt"]), (0, ["research"]), (0, ["write"])])


@check("reads the state, now, before and inside", "remote-graph")
async def state(client, context):
    graph = RemoteGraph("nested", url=context.url)
    config = await new_thread(client)
    empty = await graph.aget_state(config)
    equal((empty.values, empty.next, empty.interrupts), ({}, (), ()))
    await graph.ainvoke({"topic": "doubtful tides"}, config)
    now = await graph.aget_state(config)
    equal((now.next, now.values["topic"]), (("research",), "doubtful tides"))
    equal([each.value for each in now.interrupts], [{"doubt": "doubtful tides"}])
    inside = (await asyncio.to_thread(lambda: graph.get_state(config, subgraphs=True))).tasks[0].state
    equal((inside.values["findings"], inside.next), (["looked at doubtful tides"], ("doubt",)))
    rows = await collect(graph.aget_state_history(config))
    equal([row.next for row in rows], [("research",), ("__start__",)])
    equal([row.next for row in await asyncio.to_thread(lambda: list(graph.get_state_history(config, limit=1)))], [("research",)])
    equal((await graph.aget_state(rows[1].config)).next, ("__start__",))


@check("changes the state, and goes on from there", "remote-graph")
async def change_state(client, context):
    graph = RemoteGraph("counter", url=context.url)
    config = await new_thread(client)
    await graph.ainvoke({}, config)
    changed = await graph.aupdate_state(config, {"count": 10}, as_node="add")
    equal(changed["configurable"]["thread_id"], config["configurable"]["thread_id"])
    equal((await graph.aget_state(config)).next, ("tell",))
    equal((await graph.ainvoke(None, config))["log"][-1], "now 11")
    await asyncio.to_thread(lambda: graph.update_state(config, {"count": 5}))
    equal((await graph.aget_state(config)).values["count"], 16)


@check("is interrupted and resumed with a Command", "remote-graph")
async def resume(client, context):
    graph = RemoteGraph("approval", url=context.url)
    config = await new_thread(client)
    asked = await graph.ainvoke({"topic": "tides"}, config)
    equal(asked["__interrupt__"][0]["value"]["question"], "Publish?")
    done = await graph.ainvoke(Command(resume=True), config)
    equal((done["approved"], done["notes"]), (True, ["written", "answered true", "published"]))


@check("stops before a node that the caller names", "remote-graph")
async def breakpoints(client, context):
    graph = RemoteGraph("counter", url=context.url)
    config = await new_thread(client)
    await graph.ainvoke({}, config, interrupt_before=["tell"])
    equal((await graph.aget_state(config)).next, ("tell",))
    equal((await graph.ainvoke(None, config))["log"], ["added 1", "now 1"])


@check("raises what failed", "remote-graph")
async def failure(_client, context):
    error = await raises(RemoteException, RemoteGraph("failing", url=context.url).ainvoke({}))
    assert "This node always fails." in str(error), error


@check("draws itself", "remote-graph")
async def draw(_client, context):
    drawn = await RemoteGraph("nested", url=context.url).aget_graph(xray=True)
    assert {"__start__", "research:look", "write"} <= set(drawn.nodes), drawn.nodes
    assert "write" in await asyncio.to_thread(lambda: RemoteGraph("nested", url=context.url).get_graph().nodes)


class Parent(TypedDict):
    topic: str
    draft: str
    notes: Annotated[list[str], add]


def parent(node):
    return StateGraph(Parent).add_node("remote", node).add_edge(START, "remote").add_edge("remote", END).compile(checkpointer=InMemorySaver())


@check("is a node of a graph that runs here, and its events are that graph's", "remote-graph")
async def node(_client, context):
    graph = parent(RemoteGraph("counter", url=context.url))
    config = {"configurable": {"thread_id": str(uuid4())}}
    parts = await collect(graph.astream({"topic": "tides"}, config, stream_mode="updates", subgraphs=True))
    equal([list(update) for _, update in parts], [["add"], ["tell"], ["remote"]])
    assert all(namespace[0].startswith("remote:") for namespace, _ in parts[:2]), parts


@check("takes its interrupt up to the graph around it, and the answer back down", "remote-graph")
async def interrupt_in_parent(client, context):
    remote = RemoteGraph("approval", url=context.url)
    config = await new_thread(client)
    thread_id = config["configurable"]["thread_id"]

    async def ask(state, config):
        """Starts the remote run, or answers what it asked when this graph is resumed."""
        there = {"configurable": {**config["configurable"], "thread_id": thread_id}}
        waiting = (await remote.aget_state({"configurable": {"thread_id": thread_id}})).next
        return await remote.ainvoke(Command(resume=True) if waiting else {"topic": state["topic"]}, there)

    graph = parent(ask)
    here = {"configurable": {"thread_id": "here"}}
    asked = await graph.ainvoke({"topic": "tides"}, here)
    equal(asked["__interrupt__"][0].value, {"question": "Publish?", "draft": "On tides"})
    equal((await graph.aget_state(here)).next, ("remote",))
    equal((await remote.aget_state(config)).next, ("approve",))
    done = await graph.ainvoke(Command(resume=True), here)
    equal((done["draft"], done["notes"]), ("On tides", ["written", "answered true", "published"]))
