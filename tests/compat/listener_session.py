"""A session of redis-py, as an application would have it; called with the port of a listener."""
import sys
import threading

import redis

port = int(sys.argv[1])


def check(got, expected):
    if got != expected:
        sys.exit(f"got {got!r}, expected {expected!r}")


r = redis.Redis(port=port)
check(r.ping(), True)
check(r.set("k", b"\x00\xff", ex=100), True)
check(r.get("k"), b"\x00\xff")
check(0 < r.ttl("k") <= 100, True)
check(r.hset("h", mapping={"a": 1, "b": 2}), 2)
check(r.hgetall("h"), {b"a": b"1", b"b": b"2"})
check(r.rpush("l", *range(1000)), 1000)
check(len(r.lrange("l", 0, -1)), 1000)
check(r.zadd("z", {"a": 1.5, "b": 2}), 2)
check(r.zrange("z", 0, -1, withscores=True), [(b"a", 1.5), (b"b", 2.0)])
check(sorted(r.scan_iter("*")), [b"h", b"k", b"l", b"z"])
check(r.xadd("s", {"f": "v"}, id="1-1"), b"1-1")
check(r.xread({"s": "0"}), [[b"s", [(b"1-1", {b"f": b"v"})]]])
check(r.eval("return {KEYS[1], ARGV[1]}", 1, "x", "y"), [b"x", b"y"])
try:
    r.incr("l")
    sys.exit("no error")
except redis.ResponseError as e:
    check(str(e), "WRONGTYPE Operation against a key holding the wrong kind of value")

# A pipeline whose replies are larger than any socket buffer, written before the first reply is read.
r.set("large", "x" * 1_000_000)
pipe = r.pipeline(transaction=False)
for i in range(100):
    pipe.get("large").incr("n")
replies = pipe.execute()
check(replies[1::2], list(range(1, 101)))

with r.pipeline() as pipe:
    pipe.watch("n")
    n = int(pipe.get("n"))
    pipe.multi()
    pipe.set("n", n + 1)
    check(pipe.execute(), [True])

p = r.pubsub()
p.subscribe("c")
p.psubscribe("d*")
check(p.get_message(timeout=10)["type"], "subscribe")
check(p.get_message(timeout=10)["type"], "psubscribe")
check(r.publish("c", "hello"), 1)
check(p.get_message(timeout=10)["data"], b"hello")
check(r.publish("d1", "there"), 1)
check(p.get_message(timeout=10)["pattern"], b"d*")
p.close()

popped = []
waiting = threading.Thread(target=lambda: popped.append(redis.Redis(port=port).blpop("q", timeout=10)))
waiting.start()
r.rpush("q", "v")
waiting.join()
check(popped, [(b"q", b"v")])
check(r.blpop("q", timeout=0.01), None)

pool = redis.ConnectionPool(port=port, max_connections=20)
threads = [
    threading.Thread(target=lambda: [redis.Redis(connection_pool=pool).incr("threads") for _ in range(200)])
    for _ in range(20)
]
for t in threads:
    t.start()
for t in threads:
    t.join()
check(r.get("threads"), b"4000")
check(r.flushall(), True)
check(r.dbsize(), 0)
