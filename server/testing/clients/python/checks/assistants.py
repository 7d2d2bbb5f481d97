from langgraph_sdk.errors import ConflictError, NotFoundError

from checking import check, equal, has, raises


@check("assistants: each graph has one of its own")
async def of_graphs(client, _context):
    assistant = await client.assistants.get("counter")
    has(assistant, {"graph_id": "counter", "name": "counter", "version": 1})
    equal(await client.assistants.get(assistant["assistant_id"]), assistant)


@check("assistants: are made once, by the id that the client chose")
async def make(client, _context):
    made = await client.assistants.create("counter", name="By fives", config={"configurable": {"step": 5}}, metadata={"made": "here"}, description="Counts faster")
    has(made, {"graph_id": "counter", "name": "By fives", "description": "Counts faster", "config": {"configurable": {"step": 5}}, "version": 1})
    has(made["metadata"], {"made": "here"})
    equal(await client.assistants.create("counter", assistant_id=made["assistant_id"], if_exists="do_nothing"), made)
    await raises(ConflictError, client.assistants.create("counter", assistant_id=made["assistant_id"]))
    has(await client.runs.wait(None, made["assistant_id"], input={}), {"count": 5})
    await client.assistants.delete(made["assistant_id"])


@check("assistants: keep their versions, and an older one can be made the latest")
async def versions(client, _context):
    made = await client.assistants.create("counter", config={"configurable": {"step": 2}})
    changed = await client.assistants.update(made["assistant_id"], config={"configurable": {"step": 3}}, metadata={"note": 1}, name="By threes")
    has(changed, {"version": 2, "name": "By threes", "config": {"configurable": {"step": 3}}})
    equal([row["version"] for row in await client.assistants.get_versions(made["assistant_id"])], [2, 1])
    equal([row["version"] for row in await client.assistants.get_versions(made["assistant_id"], metadata={"note": 1})], [2])
    has(await client.assistants.set_latest(made["assistant_id"], 1), {"version": 1, "config": {"configurable": {"step": 2}}})
    has(await client.assistants.get(made["assistant_id"]), {"version": 1})
    await client.assistants.delete(made["assistant_id"])


@check("assistants: are found by metadata, graph and name, sorted, page by page")
async def search(client, _context):
    made = [await client.assistants.create("counter", name=f"Found {letter}", metadata={"search": letter}) for letter in "bca"]
    try:
        found = await client.assistants.search(name="found", graph_id="counter", sort_by="name", sort_order="asc", select=["name"])
        equal(found, [{"name": "Found a"}, {"name": "Found b"}, {"name": "Found c"}])
        page = await client.assistants.search(name="found", limit=2, response_format="object")
        equal((len(page["assistants"]), page["next"]), (2, "2"))
        equal([row["name"] for row in await client.assistants.search(metadata={"search": "c"})], ["Found c"])
        equal(await client.assistants.count(name="found"), 3)
        equal(await client.assistants.count(metadata={"search": "none"}), 0)
    finally:
        for row in made:
            await client.assistants.delete(row["assistant_id"])


@check("assistants: draw their graph and tell its schemas")
async def graph(client, _context):
    drawn = await client.assistants.get_graph("nested")
    assert {"__start__", "research", "write", "__end__"} <= {node["id"] for node in drawn["nodes"]}, drawn
    inside = await client.assistants.get_graph("nested", xray=True)
    assert "research:look" in {node["id"] for node in inside["nodes"]}, inside
    schemas = await client.assistants.get_schemas("counter")
    has(schemas, {"graph_id": "counter"})
    assert {"count", "log"} <= set(schemas["input_schema"]["properties"]), schemas
    assert {"output_schema", "state_schema", "config_schema", "context_schema"} <= set(schemas), schemas


@check("assistants: tell of the graphs inside their graph")
async def subgraphs(client, _context):
    equal(list(await client.assistants.get_subgraphs("nested")), ["research"])
    equal(list(await client.assistants.get_subgraphs("nested", "research", recurse=True)), ["research"])
    equal(await client.assistants.get_subgraphs("counter"), {})


@check("assistants: what is not there is a NotFoundError, and threads go with their assistant if asked")
async def missing(client, _context):
    await raises(NotFoundError, client.assistants.get("nobody"))
    await raises(NotFoundError, client.assistants.create("no-such-graph"))
    made = await client.assistants.create("counter")
    thread = await client.threads.create()
    await client.runs.wait(thread["thread_id"], made["assistant_id"], input={})
    await client.assistants.delete(made["assistant_id"], delete_threads=True)
    await raises(NotFoundError, client.assistants.get(made["assistant_id"]))
    await raises(NotFoundError, client.threads.get(thread["thread_id"]))
