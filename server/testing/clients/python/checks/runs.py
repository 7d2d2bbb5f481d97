from langgraph_sdk.errors import APIStatusError, ConflictError, NotFoundError

from checking import check, equal, first, has, raises, until

SLOW = {"input": {"steps": 10_000}, "config": {"recursion_limit": 20_000}}


async def new_thread(client):
    return (await client.threads.create())["thread_id"]


async def started(client, thread_id, **options):
    """A run that has made its first step and has thousands to go."""
    run = await client.runs.create(thread_id, "slow", stream_mode="updates", **{**SLOW, **options})
    await first(client.runs.join_stream(thread_id, run["run_id"], last_event_id="-1"), lambda part: part.event == "updates")
    return run


async def status_of(client, run):
    return (await client.runs.get(run["thread_id"], run["run_id"]))["status"]


@check("runs: are waited for, on a thread and without one")
async def wait(client, _context):
    thread_id = await new_thread(client)
    created = []
    equal(await client.runs.wait(thread_id, "counter", input={"count": 1}, on_run_created=created.append), {"count": 2, "log": ["added 1", "now 2"]})
    equal([run["thread_id"] for run in created], [thread_id])
    equal(await client.runs.wait(None, "counter", input={}, config={"configurable": {"step": 7}}), {"count": 7, "log": ["added 7", "now 7"]})


@check("runs: are made, read, listed, joined and deleted")
async def keep(client, _context):
    thread_id = await new_thread(client)
    run = await client.runs.create(thread_id, "counter", input={}, metadata={"why": "to see"})
    has(run, {"thread_id": thread_id, "multitask_strategy": "enqueue"})
    has(run["metadata"], {"why": "to see"})
    equal(await client.runs.join(thread_id, run["run_id"]), {"count": 1, "log": ["added 1", "now 1"]})
    equal(await status_of(client, run), "success")
    equal(await client.runs.list(thread_id, status="success", select=["run_id", "status"]), [{"run_id": run["run_id"], "status": "success"}])
    equal(await client.runs.list(thread_id, status="error"), [])
    await client.runs.delete(thread_id, run["run_id"])
    await raises(NotFoundError, client.runs.get(thread_id, run["run_id"]))


@check("runs: a thread is made for a run that asks for it, and none otherwise")
async def thread_for_run(client, _context):
    thread_id = await new_thread(client)
    await client.threads.delete(thread_id)
    await raises(NotFoundError, client.runs.create(thread_id, "counter", input={}))
    equal((await client.runs.wait(thread_id, "counter", input={}, if_not_exists="create"))["count"], 1)


@check("runs: many stateless ones are made at once")
async def batch(client, _context):
    rows = await client.runs.create_batch([{"assistant_id": "counter", "input": {"count": count}, "on_completion": "keep"} for count in range(3)])
    equal([(await client.runs.join(run["thread_id"], run["run_id"]))["count"] for run in rows], [1, 2, 3])


@check("runs: a stateless one leaves no thread, unless it is to be kept")
async def stateless(client, _context):
    kept = await client.runs.create(None, "counter", input={}, on_completion="keep")
    gone = await client.runs.create(None, "counter", input={})
    await client.runs.join(kept["thread_id"], kept["run_id"])
    has(await client.threads.get(kept["thread_id"]), {"status": "idle"})

    async def is_gone():
        return await client.threads.search(ids=[gone["thread_id"]]) == []

    await until(is_gone)


@check("runs: an interrupt is answered with a command")
async def resume(client, _context):
    thread_id = await new_thread(client)
    asked = await client.runs.wait(thread_id, "approval", input={"topic": "tides"})
    equal(asked["__interrupt__"][0]["value"], {"question": "Publish?", "draft": "On tides"})
    thread = await client.threads.get(thread_id)
    equal((thread["status"], [each["value"]["question"] for all in thread["interrupts"].values() for each in all]), ("interrupted", ["Publish?"]))
    done = await client.runs.wait(thread_id, "approval", command={"resume": True})
    equal((done["approved"], done["notes"]), (True, ["written", "answered true", "published"]))
    has(await client.threads.get(thread_id), {"status": "idle", "interrupts": {}})


@check("runs: several interrupts are answered by their ids")
async def resume_several(client, _context):
    thread_id = await new_thread(client)
    asked = await client.runs.wait(thread_id, "wide", input={"items": ["a", "b"]})
    answers = {each["id"]: each["value"]["ask"].upper() for each in asked["__interrupt__"]}
    done = await client.runs.wait(thread_id, "wide", command={"resume": answers})
    equal(sorted(done["answers"]), ["a: A", "b: B"])


@check("runs: a command changes the state and goes to a node")
async def command(client, _context):
    thread_id = await new_thread(client)
    await client.runs.wait(thread_id, "counter", input={})
    done = await client.runs.wait(thread_id, "counter", command={"update": {"count": 20}, "goto": "tell"})
    equal(done, {"count": 21, "log": ["added 1", "now 1", "now 21"]})


@check("runs: stop before and after a node, and go on with no input")
async def breakpoints(client, _context):
    thread_id = await new_thread(client)
    await client.runs.wait(thread_id, "counter", input={}, interrupt_before=["add"])
    equal((await client.threads.get_state(thread_id))["next"], ["add"])
    await client.runs.wait(thread_id, "counter", input=None, interrupt_after="*")
    equal((await client.threads.get_state(thread_id))["next"], ["tell"])
    equal((await client.runs.wait(thread_id, "counter", input=None))["log"], ["added 1", "now 1"])


@check("runs: the failure of a node is raised, or told if that is wanted")
async def failure(client, _context):
    error = await raises(Exception, client.runs.wait(None, "failing", input={}))
    assert "This node always fails." in str(error), error
    told = await client.runs.wait(None, "failing", input={}, raise_error=False)
    equal(told["__error__"], {"error": "TypeError", "message": "This node always fails."})
    limit = await client.runs.wait(None, "slow", input={"steps": 50}, config={"recursion_limit": 2, "configurable": {"pace_ms": 0}}, raise_error=False)
    equal(limit["__error__"]["error"], "GraphRecursionError")


@check("runs: a running one is cancelled, and what it had done stays")
async def cancel(client, _context):
    thread_id = await new_thread(client)
    run = await started(client, thread_id)
    await client.runs.cancel(thread_id, run["run_id"], wait=True)
    equal(await status_of(client, run), "interrupted")
    assert (await client.threads.get_state(thread_id))["values"]["done"] > 0


@check("runs: a running one is rolled back, and nothing of it stays")
async def rollback(client, _context):
    thread_id = await new_thread(client)
    run = await started(client, thread_id)
    await client.runs.cancel(thread_id, run["run_id"], wait=True, action="rollback")
    await raises(NotFoundError, client.runs.get(thread_id, run["run_id"]))
    equal((await client.threads.get_state(thread_id))["values"], {})


@check("runs: a delayed one waits for its time, and can be cancelled before")
async def delayed(client, _context):
    thread_id = await new_thread(client)
    run = await client.runs.create(thread_id, "counter", input={}, after_seconds=3600)
    equal(await status_of(client, run), "pending")
    await client.runs.cancel(thread_id, run["run_id"])
    equal(await status_of(client, run), "interrupted")
    has(await client.threads.get(thread_id), {"status": "idle"})


@check("runs: a second one waits for the first, if it is to be enqueued")
async def enqueue(client, _context):
    thread_id = await new_thread(client)
    one = await started(client, thread_id)
    two = await client.runs.create(thread_id, "counter", input={}, multitask_strategy="enqueue")
    equal(await status_of(client, two), "pending")
    await client.runs.cancel(thread_id, one["run_id"], wait=True)
    equal((await client.runs.join(thread_id, two["run_id"]))["count"], 1)


@check("runs: a second one is refused, if it is to be")
async def reject(client, _context):
    thread_id = await new_thread(client)
    one = await started(client, thread_id)
    await raises(ConflictError, client.runs.create(thread_id, "counter", input={}, multitask_strategy="reject"))
    await raises(ConflictError, client.threads.update_state(thread_id, {"done": 0}))
    await client.runs.cancel(thread_id, one["run_id"], wait=True)


@check("runs: a second one interrupts the first, if it is to")
async def interrupt(client, _context):
    thread_id = await new_thread(client)
    one = await started(client, thread_id)
    await client.runs.wait(thread_id, "slow", input={"steps": 1}, multitask_strategy="interrupt")
    equal(await status_of(client, one), "interrupted")


@check("runs: a second one takes the place of the first, if it is to")
async def replace(client, _context):
    thread_id = await new_thread(client)
    one = await started(client, thread_id)
    done = await client.runs.wait(thread_id, "slow", input={"steps": 1}, multitask_strategy="rollback")
    equal(done, {"steps": 1, "done": 1})
    await raises(NotFoundError, status_of(client, one))


@check("runs: what is wrong in a request is told")
async def refused(client, _context):
    thread_id = await new_thread(client)
    error = await raises(APIStatusError, client.runs.create(thread_id, "counter", input={}, stream_mode="nonsense"))
    equal(error.response.status_code, 422)
    assert "stream_mode" in str(error), error
    await raises(NotFoundError, client.runs.create(thread_id, "nobody", input={}))


@check("runs: many of a thread are cancelled in one request")
async def cancel_many(client, _context):
    thread_id = (await client.threads.create())["thread_id"]
    runs = [await client.runs.create(thread_id, "slow", input={"steps": 1000}) for _ in range(2)]
    await client.runs.cancel_many(thread_id=thread_id, run_ids=[run["run_id"] for run in runs])
    for run in runs:
        await client.runs.join(thread_id, run["run_id"])
    equal([run["status"] for run in await client.runs.list(thread_id)], ["interrupted", "interrupted"])
