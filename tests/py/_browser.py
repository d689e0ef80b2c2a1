# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, spoken to over two pipes in its own protocol, and pages looked at in it.

The protocol is that of https://chromedevtools.github.io/devtools-protocol/, one JSON object a message and a NUL
byte behind each, on the file descriptors 3 and 4 (``--remote-debugging-pipe``). No port is opened.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Browser", "Page"]

_WORDS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_LIMIT = 60
"""Seconds for one answer."""


class Browser:
    """A browser of its own, with an empty profile in *folder*; ends with the ``with`` block."""

    def __init__(self, folder: Path) -> None:
        read_by_it, self._out = os.pipe()
        self._in, written_by_it = os.pipe()
        command = ["chromium", *_WORDS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        # The shell puts the two pipes where the browser looks for them; they may lie there crosswise already.
        shell = f'exec 8<&{read_by_it} 9>&{written_by_it}; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(read_by_it, written_by_it),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(read_by_it)
        os.close(written_by_it)
        self._left = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._in)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to one command; what is reported meanwhile is kept in ``events``."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        until = time.monotonic() + _LIMIT
        while True:
            answer = self._next(until)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def open(self, path: Path, *, dark: bool = False, width: int = 1280, script: bool = True) -> Page:
        """Open the file at *path*, and return once it is there.

        :param script: whether scripts of the page may run; ours run in any case.
        """
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility", "DOM"):
            page.ask(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.ask("Emulation.setEmulatedMedia", features=[scheme])
        page.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        page.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        page.ask("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + _LIMIT
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next(until))
        return page

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"the browser did not answer within {_LIMIT} seconds"
            chunk = os.read(self._in, 1 << 16)
            assert chunk, "the browser went away"
            self._left += chunk
        message, _, self._left = self._left.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed


class Page:
    """A page that was opened."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def ask(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
        """Return the answer of the page to one command."""
        return self._browser.ask(method, self._session, **parameters)

    def run(self, script: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of an expression of JavaScript."""
        done = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def tree(self) -> list[dict[str, Any]]:
        """Return what a screen reader is told: the nodes of the accessibility tree that are not ignored."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [node for node in nodes if not node.get("ignored")]

    def requests(self) -> list[str]:
        """Return every address that was asked for, but for the page's own."""
        asked = self._of("Network.requestWillBeSent")
        return [event["request"]["url"] for event in asked if event.get("type") != "Document"]

    def complaints(self) -> list[str]:
        """Return what went to the console: errors, warnings, what the policy of the page stopped."""
        logged = [event["entry"]["text"] for event in self._of("Log.entryAdded")]
        thrown = [str(event["exceptionDetails"]) for event in self._of("Runtime.exceptionThrown")]
        return logged + thrown + [str(event) for event in self._of("Runtime.consoleAPICalled")]

    def screenshot(self, path: Path) -> None:
        """Write a picture of the whole page."""
        taken = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def _of(self, method: str) -> list[dict[str, Any]]:
        self.run("0")  # what was under way has arrived
        events = self._browser.events
        return [event["params"] for event in events if event.get("method") == method]
