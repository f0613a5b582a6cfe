"""Materials in a bucket of an S3-compatible service, for an office that works on several machines.

The content lies there sealed as it does under the office's folder, by its digest. What lies under the
folder still (from before the setting was made) is read from there, and the running office moves it into
the bucket within a minute. A content is there whole or not at all: that is the service's promise, also of
one that is sent in several parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from flows.installation import files, settings
from flows.papers.store import COPIED, DIGEST, FOLDER, Folder, NoContent, StoreAway

if TYPE_CHECKING:
    from obstore.store import S3Store

REGION: Final = "us-east-1"
"""What services without regions of their own expect in a signature."""
WAITED: Final = timedelta(seconds=20)
TRIES: Final = 3
EXPECTED: Final = (
    "应写作 s3://标识:口令@主机/桶/前缀（不加密的内网写 s3+http://；地域写 ?region=…）"
)
SENT: Final = 8 * 1024 * 1024  # bytes in a part of a large content
_SCHEMES: Final = {"s3": "https", "s3+http": "http"}


@dataclass(frozen=True)
class Address:
    """Where the bucket is: the service's address, who we are there, the bucket, what stands before
    each digest, the region.
    """

    endpoint: str
    key: str
    secret: str
    bucket: str
    prefix: str
    region: str


def address(setting: str) -> Address:
    """The setting taken apart; BadSetting, which never shows the password."""
    try:
        said = urlsplit(setting)
        port = f":{said.port}" if said.port else ""
        bucket, _, prefix = said.path.strip("/").partition("/")
        asked = parse_qs(said.query, strict_parsing=bool(said.query))
    except ValueError:
        raise settings.BadSetting(settings.MATERIALS.name, "…", EXPECTED) from None
    whole = said.scheme in _SCHEMES and said.hostname and said.username and said.password and bucket
    if not whole or asked.keys() - {"region"} or said.fragment:
        raise settings.BadSetting(settings.MATERIALS.name, f"{said.scheme}://…", EXPECTED)
    host = f"[{said.hostname}]" if ":" in str(said.hostname) else said.hostname
    return Address(
        f"{_SCHEMES[said.scheme]}://{host}{port}",
        *(unquote(said.username or ""), unquote(said.password or ""), bucket, prefix),
        asked.get("region", [REGION])[0],
    )


@cache
def _client(where: Address) -> S3Store:
    """One for the process: it keeps its connections."""
    from obstore.store import S3Store

    return S3Store(
        where.bucket,
        prefix=where.prefix or None,
        endpoint=where.endpoint,
        region=where.region,
        access_key_id=where.key,
        secret_access_key=where.secret,
        client_options={"allow_http": where.endpoint.startswith("http://"), "timeout": WAITED},
        retry_config={"max_retries": TRIES, "retry_timeout": WAITED},
    )


@contextmanager
def _asked(digest: str = "") -> Iterator[None]:
    """What the service says, in our words; NoContent where it has none."""
    from obstore import exceptions

    try:
        yield
    except FileNotFoundError:
        if not digest:
            raise StoreAway("没有这个桶") from None
        raise NoContent(digest) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        raise StoreAway("不接受所设的标识和口令，请告知管理员") from None
    except exceptions.BaseError as fault:
        raise StoreAway(
            "没有应答，或者没有接受请求，请稍后再试；一再如此的，请告知管理员"
        ) from fault


class Bucket:
    """The store in a bucket: PREFIX/abcdef…; what the office's folder still has is read there."""

    def __init__(self, where: Address, here: Folder) -> None:
        self._store, self._here = _client(where), here

    def take(self, part: Path, digest: str) -> None:
        import obstore

        with _asked():
            obstore.put(self._store, digest, part, chunk_size=SENT, max_concurrency=2)

    def read_at(self, digest: str, start: int, length: int) -> bytes:
        try:
            with _asked(digest):
                return self._read_at(digest, start, length)
        except NoContent:
            return self._here.read_at(digest, start, length)

    def _read_at(self, digest: str, start: int, length: int) -> bytes:
        import obstore

        try:
            return bytes(obstore.get_range(self._store, digest, start=start, length=length))
        except obstore.exceptions.GenericError:
            if start < obstore.head(self._store, digest)["size"]:
                raise
            return b""  # a place behind the end (RFC 9110, 15.5.17)

    def held(self) -> Iterator[tuple[str, datetime]]:
        there = dict(self._here.held()) | dict(self._in_bucket())
        yield from sorted(there.items())

    def _in_bucket(self) -> Iterator[tuple[str, datetime]]:
        import obstore

        with _asked():
            for some in obstore.list(self._store):
                for one in some:
                    if DIGEST.fullmatch(one["path"]):
                        yield one["path"], one["last_modified"]

    def remove(self, digest: str) -> None:
        import obstore

        with _asked():
            obstore.delete(self._store, digest)
        self._here.remove(digest)

    def reach(self) -> None:
        next(self._in_bucket(), None)  # the first page of the list, however long it is

    def move_in(self) -> int:
        """Put into the bucket what lies under the office's folder; how many that were. Begun again,
        it goes on.
        """
        done = 0
        for digest, _ in list(self._here.held()):
            self.take(self._here.path(digest), digest)
            self._here.remove(digest)
            done += 1
        return done

    def fetch(self, folder: Path, but: set[str]) -> int:
        """Copy what is in the bucket, some apart, into a folder laid out as the office's own, sealed
        as it is; how many that were.
        """
        done = 0
        for digest, _ in self._in_bucket():
            if digest not in but:
                self._fetch(digest, folder / FOLDER / digest[:2])
                done += 1
        return done

    def _fetch(self, digest: str, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = 0
        path = folder / digest
        files.new(path)
        with path.open("wb") as out:
            while piece := self.read_at(digest, place, COPIED):
                out.write(piece)
                place += len(piece)
