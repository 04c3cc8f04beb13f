"""Runs a function in a fresh process, so that no contender inherits another one's heap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar, cast

import psutil

P = ParamSpec("P")
R = TypeVar("R")


class Failed(Exception):
    """A contender failed; its own words stand above, on standard error."""


def apart(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function in a process of its own and return what it returns.

    Nothing of it is left when this returns or raises. Raises Failed when it did not return.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, function, args, kwargs))
    process.start()
    theirs.close()
    try:
        return cast("R", ours.recv())
    except EOFError:
        process.join()
        raise Failed(f"{function.__name__} ended with {process.exitcode}") from None
    finally:
        end_tree(cast("int", process.pid))
        process.join()


def _answer(
    pipe: Connection, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    pipe.send(function(*args, **kwargs))


def end_tree(pid: int, seconds: float = 20.0) -> None:
    """End a process of ours and all below it: asked first, then killed."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(tree, timeout=seconds)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
