"""Stops an embedded PostgreSQL when its last user is gone, however that user went.

A program of its own, without imports from the project: users die by SIGKILL, it stays.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any


def keep(users: str, keeper: str, user: str, *stop: str) -> None:
    """Hold the file `keeper` until nobody holds the file `users`; then run `stop` as `user`."""
    # Closed in reverse: whoever can hold `users` again sees that there is no keeper any more.
    with Path(users).open("ab") as all_users, Path(keeper).open("ab") as mine:
        try:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # there is a keeper
        fcntl.flock(all_users, fcntl.LOCK_EX)  # the kernel lets go for the dead
        subprocess.run(stop, check=False, stdin=subprocess.DEVNULL, **as_user(user))  # noqa: S603


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments for `subprocess.run`: as that OS user, root's groups given up too."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": ()} if user else {}


if __name__ == "__main__":
    if os.fork():  # nobody's child, so nobody waits for it and no Ctrl-C reaches it
        os._exit(0)
    os.setsid()
    os.chdir("/")
    keep(*sys.argv[1:])
