#!/usr/bin/env python3
"""Receives changes from RabbitMQ and appends each to a file, once. Needs pika (Debian: python3-pika).

    subscriber.py amqp://USER:PASSWORD@HOST:PORT/VHOST subscriber.crm changes.jsonl 'segment.#' 'tag.value-tier.*'

The queue is durable: what happens while this does not run waits in it. A change is acknowledged when it is in
the file; one that comes again after a crash has the same id and is left out.
"""
import json
import os
import sys
import time

import pika

EXCHANGE = "tagging.changes"


def main(address, queue, path, patterns):
    with open(path, "a+", encoding="utf-8") as file:
        seen = ids_in(file)
        while True:
            try:
                receive(address, queue, patterns, lambda body: keep(file, seen, body))
            except pika.exceptions.AMQPError as failure:
                print(f"{failure!r}; connecting again", file=sys.stderr)
                time.sleep(1)


def receive(address, queue, patterns, handle):
    connection = pika.BlockingConnection(pika.URLParameters(address))
    channel = connection.channel()
    channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
    # RabbitMQ 4 drops what came back twenty times, unless it is told otherwise.
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000})
    for pattern in patterns:
        channel.queue_bind(queue, EXCHANGE, routing_key=pattern)
    channel.basic_qos(prefetch_count=100)
    for delivery, _, body in channel.consume(queue):
        handle(body)
        channel.basic_ack(delivery.delivery_tag)


def keep(file, seen, body):
    change = json.loads(body)
    if change["id"] in seen:
        return
    file.write(json.dumps(change, ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())
    seen.add(change["id"])
    # A real subscriber acts here: change["subject"] is the customer, change["data"]["key"] the segment or tag.


def ids_in(file):
    """What a former run has kept; a last line that it could not finish is cut off."""
    file.seek(0)
    lines = file.read().split("\n")
    file.truncate(len("\n".join(lines[:-1] + [""]).encode("utf-8")) if len(lines) > 1 else 0)
    return {json.loads(line)["id"] for line in lines[:-1]}


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
