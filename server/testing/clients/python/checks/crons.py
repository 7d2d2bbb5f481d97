from uuid import uuid4

from langgraph_sdk.errors import NotFoundError

from checking import check, equal, has, raises


@check("crons: are made for a thread and without one, found, changed and deleted")
async def crons(client, _context):
    mark = str(uuid4())
    thread_id = (await client.threads.create())["thread_id"]
    daily = await client.crons.create("counter", schedule="0 9 * * *", input={}, metadata={"mark": mark}, timezone="Europe/Berlin")
    own = await client.crons.create_for_thread(thread_id, "counter", schedule="*/5 * * * *", input={}, metadata={"mark": mark})
    has(own, {"thread_id": thread_id, "schedule": "*/5 * * * *", "enabled": True})
    equal([row["cron_id"] for row in await client.crons.search(thread_id=thread_id)], [own["cron_id"]])
    equal(await client.crons.count(thread_id=thread_id), 1)
    has(await client.crons.update(daily["cron_id"], enabled=False), {"enabled": False, "next_run_date": None})
    has(await client.crons.update(daily["cron_id"], schedule="0 8 * * *", enabled=True), {"schedule": "0 8 * * *", "enabled": True})
    for cron in (daily, own):
        await client.crons.delete(cron["cron_id"])
    await raises(NotFoundError, client.crons.delete(own["cron_id"]))
