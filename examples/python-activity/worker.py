"""Runs the activity `points.add` of activities/points.add.json.

TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and POINTS_DATABASE say where; the defaults suit `kait dev`.
"""

import asyncio
import os
import signal
import sqlite3
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

TASK_QUEUE = os.environ.get("POINTS_TASK_QUEUE", "points-python")
DATABASE = os.environ.get("POINTS_DATABASE", "points.db")


@activity.defn(name="points.add")
async def add_points(call: dict[str, Any]) -> dict[str, int]:
    """Kait calls with one argument: `idempotencyKey`, `input` and `run`."""
    # Anybody who reaches Temporal can schedule an activity. See docs/SECURITY-MODEL.md.
    if activity.info().workflow_id != call["run"]["workflowId"]:
        raise ApplicationError("The run is not what it says", type="RunRefused", non_retryable=True)
    activity.heartbeat()
    points = call["input"]["points"]
    customer = call["input"]["customer"].strip().lower()
    if customer.endswith(".invalid"):
        # `catch` and `retry.except` of a definition know a failure by its type. `effect: none` says that
        # there is nothing to undo, which only holds if no earlier attempt has done anything.
        raise ApplicationError(
            "No such customer", {"effect": "none"}, type="CustomerUnknown", non_retryable=True
        )
    return {"balance": add_once(call["idempotencyKey"], customer, points)}


def add_once(key: str, customer: str, points: int) -> int:
    """A repeat of the same step has the same key, so it adds nothing. Key and points are committed together."""
    with sqlite3.connect(DATABASE, timeout=10) as database:
        database.execute(
            "create table if not exists points (key text primary key, customer text not null, points integer not null)"
        )
        database.execute("insert into points values (?, ?, ?) on conflict (key) do nothing", (key, customer, points))
        (balance,) = database.execute("select sum(points) from points where customer = ?", (customer,)).fetchone()
        return balance


async def main() -> None:
    client = await Client.connect(
        os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"),
        namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"),
    )
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with Worker(client, task_queue=TASK_QUEUE, activities=[add_points]):
        print(f"worker is up on {TASK_QUEUE}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
