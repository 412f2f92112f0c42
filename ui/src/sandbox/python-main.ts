/**
 * The Python side of a run: what the interpreter's own main does around a program. It is evaluated
 * once, while nobody waits, and gives two functions: prepare(exit, zone), and run(code, file name),
 * which gives the exit code.
 *
 * The program is the module __main__ itself: unittest, doctest, pickle, timeit and inspect look for
 * it there.
 */
export const PYTHON_MAIN = String.raw`
def _parley():
    import ast, asyncio, atexit, builtins, gc, os, random, sys, time
    from asyncio import base_events, events
    from pyodide import webloop

    # The snapshot holds the state of the generator, the same in every run. Plots are drawn into files.
    random.seed()
    os.environ.update(MPLBACKEND="agg", PYTHONTZPATH="/usr/share/zoneinfo", PYTHON_COLORS="0")

    def leaves(wait):
        """The futures that a wait comes down to. A task has a wait of its own."""
        if isinstance(wait, asyncio.tasks._GatheringFuture):
            for child in wait._children:
                yield from leaves(child)
        elif wait is not None and not wait.done() and not isinstance(wait, asyncio.Task):
            yield wait

    def end_waits():
        """Nothing can come any more. What the tasks wait for, a promise of JavaScript say, fails."""
        ends = {leaf for task in asyncio.all_tasks(events._get_running_loop()) for leaf in leaves(task._fut_waiter)}
        for leaf in ends:
            leaf.set_exception(RuntimeError("nothing can end this wait: there are no threads, and no promises of JavaScript"))
        if not ends:
            raise RuntimeError("the event loop has nothing to wait for")

    class Selector:
        """Nothing but clocks can wake a loop here: it sleeps, in steps that an interrupt can come between."""
        def select(self, timeout=None):
            if timeout is None:
                end_waits()
                return []
            end = time.monotonic() + timeout
            while (left := end - time.monotonic()) > 0:
                sleep(min(left, 0.05))
            return []
        def close(self):
            pass

    class Loop(base_events.BaseEventLoop):
        """An event loop that blocks, as at home. The browser's own can only run between programs."""
        def __init__(self):
            super().__init__()
            self._selector = Selector()
        def _process_events(self, event_list):
            pass
        def _write_to_self(self):
            pass
        def run_in_executor(self, executor, func, *args):
            # There are no threads: the function runs at once.
            done = self.create_future()
            try:
                done.set_result(func(*args))
            except Exception as error:
                done.set_exception(error)
            return done

    class Policy(asyncio.DefaultEventLoopPolicy):
        _loop_factory = Loop

    sleep = webloop._orig_sleep
    time.sleep = sleep
    asyncio.run = webloop._orig_run

    def prepare(exit, zone):
        def leave(code):
            sys.stdout.flush()
            sys.stderr.flush()
            exit(code)
        def _exit(status):
            exit(status & 0xff)
        def abort():
            sys.__stderr__.write("Aborted\n")
            exit(134)
        os._exit, os.abort = _exit, abort
        try:
            from zoneinfo import ZoneInfo
            from datetime import datetime
            place = ZoneInfo(zone)
            year = time.gmtime().tm_year
            halves = [datetime(year, month, 1, tzinfo=place) for month in (1, 7)]
            # Summer comes in one of them, if at all.
            standard, summer = sorted(halves, key=lambda day: day.dst())
            away = lambda day: -int(day.utcoffset().total_seconds())
            time.timezone, time.altzone = away(standard), away(summer)
            time.daylight = int(bool(summer.dst()))
            time.tzname = (standard.tzname(), summer.tzname())
        except Exception:
            pass
        return "\0".join(time.tzname)

    def load(code, name):
        try:
            return compile(code, name, "exec", dont_inherit=True)
        except SyntaxError as error:
            # An await outside of any function is not Python's own, but it was always possible here.
            if not str(error.msg).startswith(("'await' outside", "asynchronous", "'async with' outside", "'async for' outside")):
                raise
            return compile(code, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)

    def execute(code, space, name):
        program = load(code, name)
        # CO_COROUTINE: it awaits.
        if program.co_flags & 0x80:
            async def main():
                await eval(program, space)
            asyncio.run(main())
        else:
            exec(program, space)

    def status_of(error):
        code = error.code
        if code is None:
            return 0
        if isinstance(code, int):
            return code & 0xff
        print(code, file=sys.stderr)
        return 1

    def own(error, name, seen):
        """Takes the frames above the program's first one off a traceback, and off those of its causes."""
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            trace = error.__traceback__
            while trace is not None and trace.tb_frame.f_code in MACHINERY:
                trace = trace.tb_next
            error.__traceback__ = trace
            own(error.__cause__, name, seen)
            error = error.__context__

    def run(code, name):
        events._set_running_loop(None)
        events._set_event_loop_policy(Policy())
        here = os.getcwd()
        sys.path[:] = [here] + [place for place in sys.path if place not in ("", here)]
        sys.argv = [name]
        space = sys.modules["__main__"].__dict__
        space.clear()
        space.update(__name__="__main__", __file__=os.path.join(here, name), __builtins__=builtins, __doc__=None,
                     __package__=None, __spec__=None, __loader__=None, __cached__=None)
        status = 0
        try:
            execute(code, space, name)
        except SystemExit as error:
            status = status_of(error)
        except BaseException as error:
            status = 130 if isinstance(error, KeyboardInterrupt) else 1
            own(error, name, set())
            try:
                sys.excepthook(type(error), error, error.__traceback__)
            except SystemExit as left:
                status = status_of(left)
        try:
            atexit._run_exitfuncs()
        except SystemExit as error:
            status = status_of(error)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        return status

    MACHINERY = {run.__code__, execute.__code__, load.__code__}
    return prepare, run
_parley()
`;
