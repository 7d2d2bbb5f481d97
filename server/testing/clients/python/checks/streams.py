from langgraph_sdk.errors import NotFoundError

from checking import check, collect, equal, first, raises

MESSAGE = {"messages": [{"role": "user", "content": "hi"}]}


async def new_thread(client):
    return (await client.threads.create())["thread_id"]


def events(parts):
    return [part.event for part in parts]


def data(parts, event):
    return [part.data for part in parts if part.event == event]


async def streamed(client, mode, assistant="counter", input=None, **options):
    parts = await collect(client.runs.stream(await new_thread(client), assistant, input=input or {}, stream_mode=mode, **options))
    equal(parts[0].event, "metadata")
    equal(set(parts[0].data) >= {"run_id", "attempt"}, True)
    return parts[1:]


@check("streams: values")
async def values(client, _context):
    parts = await streamed(client, "values", input={"count": 1})
    equal(events(parts), ["values"] * 3)
    equal([part.data["count"] for part in parts], [1, 2, 2])


@check("streams: updates")
async def updates(client, _context):
    equal(data(await streamed(client, "updates"), "updates"), [{"add": {"count": 1, "log": ["added 1"]}}, {"tell": {"log": ["now 1"]}}])


@check("streams: updates tell of an interrupt")
async def interrupted(client, _context):
    parts = await streamed(client, ["updates", "values"], "approval", {"topic": "tides"})
    equal(data(parts, "updates")[-1]["__interrupt__"][0]["value"]["question"], "Publish?")
    equal(data(parts, "values")[-1]["__interrupt__"][0]["value"]["question"], "Publish?")


@check("streams: what a graph says by itself")
async def custom(client, _context):
    equal(data(await streamed(client, "custom"), "custom"), [{"adding": 1}])


@check("streams: messages, letter by letter, as tuples")
async def tuples(client, _context):
    parts = data(await streamed(client, "messages-tuple", "chat", MESSAGE), "messages")
    equal("".join(chunk["content"] for chunk, _ in parts), "You said: hi")
    assert len(parts) > 5, parts
    equal({meta["langgraph_node"] for _, meta in parts}, {"answer"})
    assert {chunk["type"] for chunk, _ in parts} <= {"ai", "AIMessageChunk"}, parts


@check("streams: messages, as they grow")
async def messages(client, _context):
    parts = await streamed(client, "messages", "chat", MESSAGE)
    grown = data(parts, "messages/partial")
    equal(grown[-1][0]["content"], "You said: hi")
    assert all(grown[-1][0]["content"].startswith(each[0]["content"]) for each in grown), grown
    assert list(data(parts, "messages/metadata")[0]) == [grown[0][0]["id"]], parts


@check("streams: debug")
async def debug(client, _context):
    parts = data(await streamed(client, "debug"), "debug")
    equal({part["type"] for part in parts}, {"checkpoint", "task", "task_result"})
    equal([part["payload"]["name"] for part in parts if part["type"] == "task"], ["add", "tell"])


@check("streams: tasks")
async def tasks(client, _context):
    parts = data(await streamed(client, "tasks"), "tasks")
    equal([part["name"] for part in parts if "input" in part], ["add", "tell"])
    equal([part["name"] for part in parts if "result" in part], ["add", "tell"])


@check("streams: checkpoints")
async def checkpoints(client, _context):
    parts = data(await streamed(client, "checkpoints"), "checkpoints")
    equal([part["next"] for part in parts][-2:], [["tell"], []])


@check("streams: events of LangChain")
async def langchain_events(client, _context):
    parts = data(await streamed(client, "events", "chat", MESSAGE), "events")
    assert {"on_chain_start", "on_chat_model_stream", "on_chain_end"} <= {part["event"] for part in parts}, parts


@check("streams: several modes at once, in the order of what happened")
async def several(client, _context):
    parts = await streamed(client, ["updates", "custom", "values"], input={"count": 1})
    equal(events(parts), ["values", "custom", "updates", "values", "updates", "values"])


@check("streams: a graph inside, by its namespace")
async def inner(client, _context):
    parts = await streamed(client, "updates", "nested", {"topic": "tides"}, stream_subgraphs=True)
    inside = [part for part in parts if part.event.startswith("updates|research:")]
    equal([list(part.data) for part in inside], [["look"], ["doubt"]])
    equal([list(part.data) for part in parts if part.event == "updates"], [["research"], ["write"]])


@check("streams: without a thread")
async def stateless(client, _context):
    parts = await collect(client.runs.stream(None, "counter", input={}, stream_mode="values"))
    equal(parts[-1].data, {"count": 1, "log": ["added 1", "now 1"]})


@check("streams: the failure of a node")
async def failure(client, _context):
    parts = await streamed(client, "values", "failing")
    equal(data(parts, "error")[-1]["error"], "TypeError")


@check("streams: are joined from the start, from an event on, and for some modes")
async def join(client, _context):
    thread_id = await new_thread(client)
    run = await client.runs.create(thread_id, "counter", input={"count": 1}, stream_mode=["values", "updates"], stream_resumable=True)
    await client.runs.join(thread_id, run["run_id"])

    async def joined(**options):
        return await collect(client.runs.join_stream(thread_id, run["run_id"], **options))

    whole = await joined(last_event_id="-1")
    equal(events(whole), ["metadata", "values", "updates", "values", "updates", "values"])
    equal(await joined(last_event_id=whole[2].id), whole[3:])
    equal(events(await joined(last_event_id="-1", stream_mode="updates")), ["metadata", "updates", "updates"])
    equal(await joined(), [])


@check("streams: what a client that left has missed is there when it comes back")
async def leave(client, _context):
    thread_id = await new_thread(client)
    created = []
    part = await first(
        client.runs.stream(thread_id, "slow", input={"steps": 5}, stream_mode="updates", stream_resumable=True, on_disconnect="continue", on_run_created=created.append),
        lambda part: part.event == "updates")
    rest = await collect(client.runs.join_stream(thread_id, created[0]["run_id"], last_event_id=part.id))
    equal([each.data["step"]["done"] for each in rest], [2, 3, 4, 5])


@check("streams: a client that leaves cancels its run, if it said so")
async def leave_for_good(client, _context):
    thread_id = await new_thread(client)
    created = []
    options = {"input": {"steps": 10_000}, "config": {"recursion_limit": 20_000}, "stream_mode": "updates", "on_disconnect": "cancel"}
    await first(client.runs.stream(thread_id, "slow", on_run_created=created.append, **options), lambda part: part.event == "updates")
    await client.runs.join(thread_id, created[0]["run_id"])
    equal((await client.runs.get(thread_id, created[0]["run_id"]))["status"], "interrupted")


@check("streams: a connection that was cut is taken up again without a gap")
async def reconnect(client, context):
    thread_id = await new_thread(client)
    cut = context.connect(context.cutting_url)
    parts = await collect(cut.runs.stream(thread_id, "slow", input={"steps": 8}, stream_mode="updates", stream_resumable=True))
    equal(parts[0].event, "metadata")
    equal([part.data["step"]["done"] for part in parts[1:]], [1, 2, 3, 4, 5, 6, 7, 8])


@check("streams: of a run that is not there are refused")
async def missing(client, _context):
    thread_id = await new_thread(client)
    await raises(NotFoundError, _joined(client, thread_id))


async def _joined(client, thread_id):
    await collect(client.runs.join_stream(thread_id, thread_id))


@check("streams: a thread's own has all its runs, one after the other")
async def of_thread(client, _context):
    thread_id = (await client.threads.create())["thread_id"]
    for _ in range(2):
        await client.runs.wait(thread_id, "counter", input={})
    counts = []
    # The asynchronous client has this one awaited, unlike its other streams.
    joined = client.threads.join_stream(thread_id, last_event_id="-")
    async for part in joined if hasattr(joined, "__aiter__") else await joined:
        if part.event == "values" and part.data.get("count"):
            counts.append(part.data["count"])
        if part.event == "metadata" and part.data.get("status") == "run_done" and 2 in counts:
            break
    equal(sorted(set(counts)), [1, 2])
