"""A worker whose activities go wrong in every way that the tests need."""

import asyncio
import os

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker

headers: dict[str, object] = {}


class ReadHeaders(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return Reading(next)


class Reading(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        converter = activity.payload_converter()
        headers.clear()
        headers.update({name: converter.from_payload(payload) for name, payload in input.headers.items()})
        return await super().execute_activity(input)


@activity.defn(name="odd.echo")
async def echo(call: dict) -> dict:
    return {"argument": call, "headers": headers}


@activity.defn(name="odd.output")
async def wrong_output(call: dict) -> object:
    return {"text": {"balance": "many"}, "null": None, "bytes": b"\x00\x01", "list": [1]}[call["input"]["kind"]]


@activity.defn(name="odd.huge")
async def huge(call: dict) -> dict:
    return {"text": "x" * call["input"]["characters"]}


@activity.defn(name="odd.refuse")
async def refuse(call: dict) -> dict:
    raise ApplicationError("No such customer", type="CustomerUnknown", non_retryable=True)


@activity.defn(name="odd.fail")
async def fail(call: dict) -> dict:
    raise ValueError(f"attempt {activity.info().attempt} failed")


@activity.defn(name="odd.hang")
async def hang(call: dict) -> dict:
    if activity.info().attempt > 1:
        return {"attempt": activity.info().attempt}
    activity.heartbeat()
    print("hangs", flush=True)
    await asyncio.sleep(600)
    return {}


async def main() -> None:
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], namespace=os.environ["TEMPORAL_NAMESPACE"])
    activities = [echo, wrong_output, huge, refuse, fail, hang]
    queue = os.environ["POINTS_TASK_QUEUE"]
    async with Worker(client, task_queue=queue, activities=activities, interceptors=[ReadHeaders()]):
        print("worker is up", flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
