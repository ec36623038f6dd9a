"""Programs of Debian, unmodified, on our libhiredis.so.0.14, with no server anywhere.

    debian_programs.py NAME LIBRARY_DIRECTORY

Each is told of a Redis at redis.invalid, which does not exist, and routed to an engine inside itself by
DUALIS_HIREDIS_ROUTE. It must then do its work, and must have loaded our library and no other. Leaves with 77, which
ctest takes for "skipped", and a message if the package is not installed.
"""
import glob
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HOST = "redis.invalid"
SKIPPED = 77
PATIENCE = 30  # seconds until something that does not happen is a failure


def fail(why):
    sys.exit(f"FAILED: {why}")


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def check(got, expected, what=""):
    if got != expected:
        fail(f"{what}: got {got!r}, expected {expected!r}")


def need(*paths):
    """Skips unless each path, or glob, exists."""
    for path in paths:
        if not glob.glob(path):
            skip(f"{path} is not there; its package is listed in .ci/prepare")


def until(condition, what, process=None):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        if process is not None and process.poll() is not None:
            fail(f"{what}: the program ended with {process.returncode}")
        time.sleep(0.02)
    fail(f"{what}: not within {PATIENCE} s")


def check_library(pid):
    """The process has mapped our library, and no other libhiredis."""
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    mapped = set(re.findall(r"(/\S*libhiredis\.so\S*)", maps))
    check(mapped, {str(OURS)}, "the libhiredis of the program")


def run(argv, text, **more):
    """Runs a program that reads its source from a pipe; its output."""
    done = subprocess.run(argv, input=text, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE * 2, **more)
    if done.returncode != 0:
        fail(f"{argv[0]} ended with {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def webdis(daemonize):
    """HTTP in front of the engine: an asynchronous client in several threads of an event loop, also behind daemon()."""
    need("/usr/bin/webdis")
    port = free_port()
    config = WORK / "webdis.json"
    pid_file = WORK / "webdis.pid"
    config.write_text(
        f"""{{"redis_host": "{HOST}", "redis_port": 6379, "redis_auth": "secret", "http_host": "127.0.0.1",
        "http_port": {port}, "threads": 2, "daemonize": {str(daemonize).lower()}, "pidfile": "{pid_file}", "database": 0,
        "websockets": false, "verbosity": 3, "logfile": "{WORK}/webdis.log"}}"""
    )

    def ask(method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request(method, path, body)
        reply = connection.getresponse().read().decode()
        connection.close()
        return reply

    def answers():
        try:
            return ask("GET", "/PING")
        except OSError:
            return None

    process = subprocess.Popen(["/usr/bin/webdis", str(config)], env=ENVIRONMENT, cwd=WORK)
    try:
        check(until(answers, "webdis answers", None if daemonize else process), '{"PING":[true,"PONG"]}')
        pid = int(pid_file.read_text()) if daemonize else process.pid
        check_library(pid)
        check(ask("GET", "/SET/hello/world"), '{"SET":[true,"OK"]}')
        # Each request may go through another thread's connection: they meet in one engine.
        for i in range(50):
            check(ask("GET", "/GET/hello"), '{"GET":"world"}')
            check(ask("GET", "/INCR/n"), f'{{"INCR":{i + 1}}}')
        check(ask("PUT", "/SET/blob", "x" * 100000), '{"SET":[true,"OK"]}')
        check(len(ask("GET", "/GET/blob.txt")), 100000)
        check(ask("GET", "/DBSIZE"), '{"DBSIZE":3}')
        check(ask("GET", "/RPUSH/l/a/b"), '{"RPUSH":2}')
        check(ask("GET", "/LRANGE/l/0/-1"), '{"LRANGE":["a","b"]}')
        check(ask("GET", "/GET/l"), '{"GET":[false,"WRONGTYPE Operation against a key holding the wrong kind of value"]}')

        # A subscription is a response without end; another request publishes.
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as subscriber:
            subscriber.sendall(b"GET /SUBSCRIBE/news HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            while b'"subscribe"' not in received:
                received += subscriber.recv(4096)
            check(ask("GET", "/PUBLISH/news/extra"), '{"PUBLISH":1}')
            while b'"extra"' not in received:
                received += subscriber.recv(4096)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if daemonize and pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGTERM)


def perl():
    """Redis::Fast: an asynchronous client with a poll loop of its own; replies and pipelines."""
    need("/usr/lib/*/perl5/*/Redis/Fast.pm")
    out = run(
        ["/usr/bin/perl", "-"],
        f"""
        use strict; use Redis::Fast;
        my $r = Redis::Fast->new(server => '{HOST}:6379', reconnect => 2, every => 1000, password => 'secret');
        $r->set(hello => 'world');
        print $r->get('hello'), "\\n";
        $r->rpush(l => $_) for 1 .. 5;
        print join(' ', $r->lrange('l', 0, -1)), "\\n";
        eval {{ $r->incr('l') }}; print $@ =~ /WRONGTYPE/ ? "wrong type\\n" : "?\\n";
        my $n = 0;
        $r->incr('n', sub {{ $n += $_[0] }}) for 1 .. 1000;
        $r->wait_all_responses;
        print "$n\\n";
        my $other = Redis::Fast->new(sock => '/nonexistent/redis.sock');
        print $other->get('hello'), "\\n";
        my @got;
        $other->subscribe('c', sub {{ push @got, $_[0] }});
        $r->publish('c', 'message');
        $other->wait_for_messages(1) until @got;
        print "@got\\n";
        open my $maps, '<', '/proc/self/maps'; print grep {{ /libhiredis/ && s/.* // }} <$maps>;
        """,
    )
    lines = out.splitlines()
    check(lines[:6], ["world", "1 2 3 4 5", "wrong type", "500500", "world", "message"], "Redis::Fast")
    check(set(lines[6:]), {str(OURS)}, "the libhiredis of perl")


def ruby():
    """ruby-hiredis: non-blocking contexts whose buffers the extension moves by itself, with its own select()."""
    need("/usr/bin/ruby", "/usr/lib/*/ruby/vendor_ruby/*/hiredis/ext/hiredis_ext.so")
    out = run(
        ["/usr/bin/ruby", "-"],
        f"""
        require 'hiredis/ext/connection'
        require 'hiredis/ext/reader'
        c = Hiredis::Ext::Connection.new
        c.connect('{HOST}', 6379)
        say = lambda {{ |*words| c.write(words); c.read }}
        puts say.call('SET', 'hello', 'world'), say.call('GET', 'hello')
        100.times {{ |i| c.write(['RPUSH', 'l', i.to_s]) }}
        puts (1..100).map {{ c.read }}.last
        puts say.call('LRANGE', 'l', '0', '2').join(' ')
        puts say.call('INCR', 'l').class
        u = Hiredis::Ext::Connection.new
        u.connect_unix('/nonexistent/redis.sock')
        u.write(['GET', 'hello']); puts u.read
        c.timeout = 50_000
        begin
          say.call('BLPOP', 'nothing', '0')
        rescue Errno::EAGAIN, Errno::ETIMEDOUT => e
          puts 'timed out'
        end
        r = Hiredis::Ext::Reader.new
        r.feed("*2\\r\\n$1\\r\\na\\r\\n:7\\r\\n"); puts r.gets.inspect
        puts File.readlines('/proc/self/maps').grep(/libhiredis\\.so/).map {{ |l| l.split.last }}.uniq
        """,
    )
    wanted = ["OK", "world", "100", "0 1 2", "RuntimeError", "world", "timed out", '["a", 7]', str(OURS)]
    check(out.splitlines(), wanted, "ruby-hiredis")


def rsyslog():
    """omhiredis: pipelined LPUSHes. It never reads, so a preloaded witness asks the engine at the end."""
    need("/usr/sbin/rsyslogd", "/usr/lib/*/rsyslog/omhiredis.so")
    (WORK / "rsyslog.conf").write_text(
        f"""
        global(workDirectory="{WORK}")
        module(load="omhiredis")
        module(load="imuxsock" SysSock.Use="off")
        input(type="imuxsock" Socket="{WORK}/log.sock")
        template(name="line" type="string" string="%msg%")
        if $programname == "test" then
          action(type="omhiredis" server="{HOST}" serverport="6379" mode="queue" key="log" template="line")
        *.* action(type="omfile" file="{WORK}/all.log")
        """
    )
    told = WORK / "witness"
    ENVIRONMENT.update(LD_PRELOAD=str(OURS.parent / "libpreloaded_witness.so"), WITNESS_FILE=str(told), WITNESS_KEY="log")
    process = subprocess.Popen(
        ["/usr/sbin/rsyslogd", "-n", "-f", str(WORK / "rsyslog.conf"), "-i", str(WORK / "rsyslog.pid")],
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: (WORK / "log.sock").exists(), "rsyslogd listens", process)
        log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        log.connect(str(WORK / "log.sock"))
        for i in range(200):
            log.send(f"<13>Jan  1 00:00:00 test: line {i}".encode())
        all_log = WORK / "all.log"
        until(lambda: all_log.exists() and "line 199" in all_log.read_text(), "the lines are logged", process)
        check_library(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    check(told.read_text(), "200\n", "lines in the engine")


def collectd():
    """write_redis stores values, and the redis plug-in asks how many there are, in the same process."""
    need("/usr/sbin/collectd", "/usr/lib/collectd/redis.so", "/usr/lib/collectd/write_redis.so")
    (WORK / "collectd.conf").write_text(
        f"""
        Hostname "host"
        BaseDir "{WORK}"
        PIDFile "{WORK}/collectd.pid"
        TypesDB "/usr/share/collectd/types.db"
        Interval 0.2
        LoadPlugin load
        LoadPlugin csv
        <Plugin csv>
          DataDir "{WORK}/csv"
        </Plugin>
        LoadPlugin write_redis
        <Plugin write_redis>
          <Node "memory">
            Host "{HOST}"
            Port "6379"
            Timeout 1000
            Prefix "collectd/"
          </Node>
        </Plugin>
        LoadPlugin redis
        <Plugin redis>
          <Node "memory">
            Host "{HOST}"
            Port "6379"
            Timeout 2000
            Password "secret"
            <Query "ZCARD collectd/host/load/load">
              Type "queue_length"
              Instance "stored"
            </Query>
          </Node>
        </Plugin>
        """
    )
    process = subprocess.Popen(["/usr/sbin/collectd", "-f", "-C", str(WORK / "collectd.conf")], env=ENVIRONMENT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stored():
        for name in glob.glob(f"{WORK}/csv/host/redis-memory/queue_length-stored*"):
            rows = pathlib.Path(name).read_text().splitlines()[1:]
            if any(float(row.split(",")[1]) >= 3 for row in rows if "," in row):
                return True
        return False

    try:
        until(stored, "values are stored and counted", process)
        # What it makes of INFO.
        until(lambda: glob.glob(f"{WORK}/csv/host/redis-memory/current_connections-clients*"), "INFO is read", process)
        check_library(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ccache():
    """Each compiler run is a process of its own and starts with an empty engine: it works, and finds nothing."""
    need("/usr/bin/ccache")
    linked = subprocess.run(["ldd", "/usr/bin/ccache"], capture_output=True, text=True).stdout
    if "libhiredis.so.0.14" not in linked:
        skip("this ccache is not linked with libhiredis 0.14")
    (WORK / "a.c").write_text("int f(void) { return 1; }\n")
    ENVIRONMENT.update(CCACHE_DIR=str(WORK / "cache"), CCACHE_REMOTE_STORAGE=f"redis://user:secret@{HOST}:6379/2",
                       CCACHE_CONFIGPATH=str(WORK / "none"), CCACHE_LOGFILE=str(WORK / "ccache.log"))
    for variable in ("CCACHE_BASEDIR", "CCACHE_NOHASHDIR"):
        ENVIRONMENT.pop(variable, None)
    for i in range(2):
        run(["/usr/bin/ccache", "cc", "-c", "a.c", "-o", f"{i}.o"], "", cwd=WORK)
        (WORK / "a.c").write_text("int f(void) { return 2; }\n")
    stats = dict(line.split("\t") for line in run(["/usr/bin/ccache", "--print-stats"], "").splitlines())
    check(stats["remote_storage_error"] + stats["remote_storage_timeout"], "00", "errors of the remote storage")
    if int(stats["remote_storage_write"]) < 2:
        fail("nothing was stored")


PROGRAMS = {
    "webdis": lambda: webdis(daemonize=False),
    "webdis_daemon": lambda: webdis(daemonize=True),
    "perl": perl,
    "ruby": ruby,
    "rsyslog": rsyslog,
    "collectd": collectd,
    "ccache": ccache,
}

OURS = pathlib.Path(sys.argv[2]).resolve() / "libhiredis.so.0.14"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="dualis-program-"))
ENVIRONMENT = dict(os.environ, LD_LIBRARY_PATH=str(OURS.parent), DUALIS_HIREDIS_ROUTE="mem://program", LC_ALL="C")
try:
    PROGRAMS[sys.argv[1]]()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
