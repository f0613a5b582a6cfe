"""A real S3 service on loopback for the tests of materials in a bucket: SeaweedFS, as offices run it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

KEY, SECRET, BUCKET = "disclosure", "secret/+of=tests", "papers"
PROGRAM = Path(sys.prefix) / "bin" / "weed"
PARTS = ("master", "volume", "filer", "s3")


@dataclass
class S3:
    """The service: where it keeps what it is given, its ports, its process."""

    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None

    def setting(
        self,
        prefix: str = "materials",
        *,
        key: str = KEY,
        secret: str = SECRET,
        bucket: str = BUCKET,
    ) -> str:
        """What the office's setting says."""
        where = f"127.0.0.1:{self.ports['s3']}/{bucket}/{prefix}"
        return f"s3+http://{key}:{quote(secret, safe='')}@{where}"

    def start(self) -> None:
        ports = [f"-{part}.port={self.ports[part]}" for part in PARTS]
        rpc = [f"-{part}.port.grpc={self.ports[f'{part}.grpc']}" for part in PARTS]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(PROGRAM, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports, *rpc),
                    *(f"-dir={self.folder / 'data'}", "-master.volumeSizeLimitMB=64"),
                    *("-volume.max=8", "-filer", "-s3", "-s3.autoCreateBucket=false"),
                    *("-s3.port.iceberg=0", "-s3.port.lance=0"),
                    f"-s3.config={self.folder / 's3.json'}",
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextmanager
def s3(folder: Path) -> Iterator[S3]:
    """One that runs while the block lasts, with a bucket."""
    who = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}
    everything = {**who, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "data").mkdir(parents=True)
    (folder / "s3.json").write_text(json.dumps({"identities": [everything]}), "utf-8")
    with ExitStack() as free:
        names = [name for part in PARTS for name in (part, f"{part}.grpc")]
        taken = [free.enter_context(socket.socket()) for _ in names]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        there = S3(folder, {n: o.getsockname()[1] for n, o in zip(names, taken, strict=True)})
    there.start()
    try:
        _bucket(there)
        yield there
    finally:
        there.stop()


def _bucket(there: S3) -> None:
    """Make the bucket, as soon as the service is up."""
    at, plain = (
        f"http://127.0.0.1:{there.ports['filer']}/buckets/{BUCKET}/",
        "application/octet-stream",
    )
    asked = Request(at, b"", {"Content-Type": plain}, method="PUT")
    s3_up = f"http://127.0.0.1:{there.ports['s3']}/"
    patience = time.monotonic() + 60
    while True:
        assert there.process is not None
        assert there.process.poll() is None, (there.folder / "log").read_text("utf-8")[-2000:]
        assert time.monotonic() < patience
        try:
            urlopen(asked).close()
            urlopen(s3_up).close()
        except HTTPError as fault:
            if fault.code == HTTPStatus.FORBIDDEN:  # it is up, and wants to know who asks
                return
        except URLError:
            pass
        time.sleep(0.1)
