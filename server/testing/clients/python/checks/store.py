from uuid import uuid4

from checking import check, equal, has


@check("store: items are put, read, replaced and deleted")
async def items(client, _context):
    place = ["memories", str(uuid4())]
    await client.store.put_item(place, "likes", {"text": "tea"})
    item = await client.store.get_item(place, "likes")
    has(item, {"namespace": place, "key": "likes", "value": {"text": "tea"}})
    await client.store.put_item(place, "likes", {"text": "coffee"})
    again = await client.store.get_item(place, "likes")
    equal((again["value"], again["created_at"]), ({"text": "coffee"}, item["created_at"]))
    await client.store.delete_item(place, "likes")
    equal(await client.store.get_item(place, "likes"), None)


@check("store: items are found below a namespace, by filter, page by page")
async def search(client, _context):
    root = str(uuid4())
    for number in range(4):
        await client.store.put_item([root, "ada" if number % 2 else "bob"], f"n{number}", {"number": number, "kind": "number"})

    async def keys(*below, **options):
        return sorted(item["key"] for item in (await client.store.search_items([root, *below], **options))["items"])

    equal(await keys(), ["n0", "n1", "n2", "n3"])
    equal(await keys("ada"), ["n1", "n3"])
    equal(await keys(filter={"number": 2}), ["n2"])
    equal(await keys(filter={"number": {"$gte": 1, "$lt": 3}}), ["n1", "n2"])
    equal(await keys(filter={"kind": {"$ne": "number"}}), [])
    pages = [await keys(limit=3), await keys(limit=3, offset=3)]
    equal(sorted(sum(pages, [])), ["n0", "n1", "n2", "n3"])


@check("store: namespaces are listed by prefix, suffix and depth")
async def namespaces(client, _context):
    root = str(uuid4())
    for place in (["ada", "notes"], ["ada", "likes"], ["bob", "notes"]):
        await client.store.put_item([root, *place], "k", {})

    async def listed(**options):
        return sorted((await client.store.list_namespaces(**options))["namespaces"])

    equal(await listed(prefix=[root]), [[root, "ada", "likes"], [root, "ada", "notes"], [root, "bob", "notes"]])
    equal(await listed(prefix=[root], suffix=["notes"]), [[root, "ada", "notes"], [root, "bob", "notes"]])
    equal(await listed(prefix=[root], max_depth=2), [[root, "ada"], [root, "bob"]])
    equal(len(await listed(prefix=[root], limit=2)), 2)
    equal(await listed(prefix=[root, "*", "likes"]), [[root, "ada", "likes"]])
