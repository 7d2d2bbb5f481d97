"""Makes checks for the test runner.

`run.py --list` prints all checks as one line of JSON: `[{"client", "name"}]`. `run.py <url> <cutting url>` reads such an
object per line and answers each with a line: `{"failure": null | text}`.
"""

import asyncio
import json
import os
import sys
import threading
import traceback

os.environ["LANGSMITH_TRACING"] = "false"

from checking import CHECKS, CONNECT, Context  # noqa: E402
from checks import assistants, crons, protocol, remote_graph, runs, store, streams, threads  # noqa: E402, F401

SECONDS = 15


async def make(client: str, name: str, urls: list[str]) -> None:
    connect = CONNECT[client]
    await asyncio.wait_for(CHECKS[client, name](connect(urls[0]), Context(*urls, connect)), SECONDS)


def describe(error: BaseException) -> str:
    """What was raised, and where in the checks."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "checks" in frame.filename]
    return "".join([*traceback.format_exception_only(error), *traceback.format_list(frames)])


def failure_of(client: str, name: str, urls: list[str]) -> str | None:
    """The failure of a check, or None. One that hangs in a call is left behind in its thread."""
    failures: list[str] = []

    def call() -> None:
        try:
            asyncio.run(make(client, name, urls))
        except BaseException as error:
            failures.append(describe(error))

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(SECONDS + 2)
    return "The check did not end in time." if thread.is_alive() else next(iter(failures), None)


def main() -> None:
    if sys.argv[1] == "--list":
        return print(json.dumps([{"client": client, "name": name} for client, name in CHECKS]))
    # What a check prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        wanted = json.loads(line)
        print(json.dumps({"failure": failure_of(wanted["client"], wanted["name"], sys.argv[1:])}), file=answers, flush=True)
    # Not held up by what hangs.
    os._exit(0)


main()
