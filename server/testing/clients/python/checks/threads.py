from uuid import uuid4

from langgraph_sdk.errors import ConflictError, NotFoundError

from checking import check, equal, has, raises


async def counted(client, times=1):
    """A thread whose counter is at `times`."""
    thread_id = (await client.threads.create())["thread_id"]
    for _ in range(times):
        await client.runs.wait(thread_id, "counter", input={})
    return thread_id


@check("threads: are made once, with metadata, a graph and an id of the client's")
async def make(client, _context):
    wanted = str(uuid4())
    thread = await client.threads.create(thread_id=wanted, metadata={"owner": "ada"}, graph_id="counter")
    has(thread, {"thread_id": wanted, "status": "idle", "metadata": {"owner": "ada", "graph_id": "counter"}})
    equal(await client.threads.create(thread_id=wanted, if_exists="do_nothing"), thread)
    await raises(ConflictError, client.threads.create(thread_id=wanted, if_exists="raise"))
    equal(await client.threads.get(wanted), thread)


@check("threads: begin with states that the client wrote as nodes")
async def supersteps(client, _context):
    thread = await client.threads.create(graph_id="counter", supersteps=[
        {"updates": [{"values": {"count": 3}, "as_node": "__start__"}]},
        {"updates": [{"values": {"count": 4, "log": ["added 4"]}, "as_node": "add"}]},
    ])
    state = await client.threads.get_state(thread["thread_id"])
    equal((state["values"], state["next"]), ({"count": 7, "log": ["added 4"]}, ["tell"]))
    equal(await client.runs.wait(thread["thread_id"], "counter", input=None), {"count": 7, "log": ["added 4", "now 7"]})


@check("threads: are found by metadata, values, status and id, sorted and counted")
async def search(client, _context):
    mark = str(uuid4())
    ids = [(await client.threads.create(metadata={"mark": mark, "letter": letter}))["thread_id"] for letter in "ab"]
    await client.runs.wait(ids[0], "counter", input={"count": 41})
    equal([row["thread_id"] for row in await client.threads.search(metadata={"mark": mark}, sort_by="created_at", sort_order="asc")], ids)
    equal([row["thread_id"] for row in await client.threads.search(metadata={"mark": mark}, values={"count": 42})], ids[:1])
    equal([row["thread_id"] for row in await client.threads.search(ids=ids, status="idle", limit=1, offset=1, sort_by="created_at", sort_order="asc")], ids[1:])
    equal(await client.threads.search(ids=ids[:1], select=["thread_id", "values"]), [{"thread_id": ids[0], "values": {"count": 42, "log": ["added 1", "now 42"]}}])
    equal(await client.threads.count(metadata={"mark": mark}), 2)
    equal(await client.threads.count(metadata={"mark": mark}, status="busy"), 0)


@check("threads: are changed, and go")
async def change(client, _context):
    thread_id = (await client.threads.create(metadata={"a": 1}))["thread_id"]
    has(await client.threads.update(thread_id, metadata={"b": 2}), {"metadata": {"a": 1, "b": 2}})
    await client.threads.delete(thread_id)
    await raises(NotFoundError, client.threads.get(thread_id))
    await raises(NotFoundError, client.threads.delete(thread_id))


@check("threads: have a time to live that is told when it is asked for")
async def ttl(client, _context):
    thread_id = (await client.threads.create(ttl=30))["thread_id"]
    assert "ttl" not in await client.threads.get(thread_id)
    has((await client.threads.get(thread_id, include=["ttl"]))["ttl"], {"strategy": "delete", "ttl_minutes": 30})
    await client.threads.update(thread_id, metadata={}, ttl={"ttl": 60, "strategy": "keep_latest"})
    has((await client.threads.get(thread_id, include=["ttl"]))["ttl"], {"strategy": "keep_latest", "ttl_minutes": 60})


@check("threads: have a state before the first run and after it, now and at a checkpoint")
async def state(client, _context):
    thread_id = (await client.threads.create())["thread_id"]
    empty = await client.threads.get_state(thread_id)
    equal((empty["values"], empty["next"], empty["checkpoint"]["checkpoint_id"]), ({}, [], None))
    await client.runs.wait(thread_id, "counter", input={})
    now = await client.threads.get_state(thread_id)
    equal((now["values"]["count"], now["next"], now["interrupts"]), (1, [], []))
    has(now["metadata"], {"step": 2, "source": "loop", "graph_id": "counter"})
    history = await client.threads.get_history(thread_id)
    equal(now["parent_checkpoint"]["checkpoint_id"], history[1]["checkpoint"]["checkpoint_id"])
    then = await client.threads.get_state(thread_id, checkpoint=history[1]["checkpoint"])
    equal((then["next"], then["values"]["log"], then["tasks"][0]["name"]), (["tell"], ["added 1"], "tell"))
    equal(await client.threads.get_state(thread_id, checkpoint_id=history[1]["checkpoint"]["checkpoint_id"]), then)


@check("threads: tell the state of a graph inside")
async def inner_state(client, _context):
    thread_id = (await client.threads.create())["thread_id"]
    await client.runs.wait(thread_id, "nested", input={"topic": "doubtful tides"})
    outer = await client.threads.get_state(thread_id)
    equal((outer["next"], outer["tasks"][0]["state"]), (["research"], None))
    inner = (await client.threads.get_state(thread_id, subgraphs=True))["tasks"][0]["state"]
    equal((inner["values"]["findings"], inner["next"]), (["looked at doubtful tides"], ["doubt"]))
    at = outer["tasks"][0]["checkpoint"]
    assert at["checkpoint_ns"].startswith("research:"), at
    equal((await client.threads.get_state(thread_id, checkpoint=at))["values"], inner["values"])


@check("threads: have a history, in parts and by metadata")
async def history(client, _context):
    thread_id = await counted(client, 2)
    rows = await client.threads.get_history(thread_id, limit=100)
    equal([row["next"] for row in rows], [[], ["tell"], ["add"], ["__start__"]] * 2)
    equal(await client.threads.get_history(thread_id, limit=1), rows[:1])
    equal(await client.threads.get_history(thread_id, before=rows[3]["checkpoint"]["checkpoint_id"], limit=2), rows[4:6])
    equal(await client.threads.get_history(thread_id, before=rows[3]["checkpoint"], limit=2), rows[4:6])
    equal([row["next"] for row in await client.threads.get_history(thread_id, metadata={"source": "input"})], [["__start__"]] * 2)


@check("threads: a state is changed, and the next run begins there")
async def change_state(client, _context):
    thread_id = await counted(client)
    await client.threads.update_state(thread_id, {"count": 10, "log": ["written"]}, as_node="add")
    state = await client.threads.get_state(thread_id)
    equal((state["values"]["count"], state["next"], state["metadata"]["source"]), (11, ["tell"], "update"))
    equal((await client.runs.wait(thread_id, "counter", input=None))["log"][-2:], ["written", "now 11"])


@check("threads: a fork from a checkpoint leaves the other branch as it is")
async def fork(client, _context):
    thread_id = await counted(client)
    before = (await client.threads.get_history(thread_id))[1]
    changed = await client.threads.update_state(thread_id, {"count": 99}, as_node="add", checkpoint=before["checkpoint"])
    forked = await client.runs.wait(thread_id, "counter", input=None, checkpoint=changed["checkpoint"])
    equal(forked, {"count": 100, "log": ["added 1", "now 100"]})
    again = await client.runs.wait(thread_id, "counter", input=None, checkpoint_id=before["checkpoint"]["checkpoint_id"])
    equal(again, {"count": 1, "log": ["added 1", "now 1"]})
    heads = [row for row in await client.threads.get_history(thread_id, limit=100) if not row["next"]]
    equal([row["values"]["count"] for row in heads], [1, 100, 1])


@check("threads: a copy has the history, and each goes on alone")
async def copy(client, _context):
    thread_id = await counted(client)
    copied = (await client.threads.copy(thread_id))["thread_id"]
    equal([row["values"] for row in await client.threads.get_history(copied)], [row["values"] for row in await client.threads.get_history(thread_id)])
    equal((await client.runs.wait(copied, "counter", input={}))["count"], 2)
    equal((await client.threads.get_state(thread_id))["values"]["count"], 1)
    await raises(NotFoundError, client.threads.copy(str(uuid4())))


@check("threads: are pruned to their latest checkpoint, or away")
async def prune(client, _context):
    ids = [await counted(client), await counted(client)]
    equal(await client.threads.prune(ids[:1], strategy="keep_latest"), {"pruned_count": 1})
    equal([row["values"]["count"] for row in await client.threads.get_history(ids[0])], [1])
    equal(await client.threads.prune(ids), {"pruned_count": 2})
    equal(await client.threads.search(ids=ids), [])
