"""A backup becomes an installation again; it must be empty, and all of it is compared."""

import shutil
from pathlib import Path

import msgspec

from eventlens import __version__
from eventlens.catalog import dump as catalog_rows
from eventlens.catalog.connect import Catalog
from eventlens.catalog.migrate import newest_revision
from eventlens.errors import ConfigurationError, Unavailable
from eventlens.events import unpack
from eventlens.queues import connect as queues
from eventlens.settings import Settings
from eventlens.store import snapshot
from eventlens.store.base import Store, StoreMistake
from eventlens.store.migrate import migrations
from eventlens.workers.backup import CATALOG, KEY, MANIFEST, QUEUE, Manifest, Report, sync


def read_manifest(directory: Path) -> Manifest:
    """What a backup holds. Raises ConfigurationError where it is none, or another version's."""
    path = directory / MANIFEST
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise ConfigurationError(f"{directory} is no backup: {MANIFEST} is missing.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error}).") from error
    if (found.catalog_revision, found.store_schema) != (newest_revision(), migrations()[-1].number):
        raise ConfigurationError(
            f"The backup was made by Event Lens {found.version}, whose tables are others than those of "
            f"{__version__}: restore it with that version, then upgrade."
        )
    return found


def restore(settings: Settings, catalog: Catalog, store: Store, directory: Path, report: Report) -> Manifest:
    """Bring a backup into an installation whose databases are migrated and empty, and compare.

    Nothing else may use it meanwhile. What fails leaves it empty. Raises ConfigurationError, Unavailable.
    """
    manifest = read_manifest(directory)
    _require_empty(settings, catalog, store)
    try:
        load_tables(settings, store, directory, manifest, report)
        _load_rest(settings, catalog, directory, manifest)
    except OSError as error:
        snapshot.empty(store)
        raise Unavailable(f"The backup could not be restored: {error}.") from error
    except BaseException:
        snapshot.empty(store)
        raise
    return manifest


def _require_empty(settings: Settings, catalog: Catalog, store: Store) -> None:
    where = catalog_rows.first_filled(catalog) or snapshot.first_filled(store)
    if where or not queues.is_empty(settings):
        raise ConfigurationError(
            f"There is data here already ({where or 'in the queue'}); a backup is restored into an empty "
            "installation: another EVENTLENS_DATA, other databases."
        )


def load_tables(
    settings: Settings, store: Store, directory: Path, manifest: Manifest, report: Report
) -> None:
    """Read the files of the event store and compare. Raises ConfigurationError where something is missing."""
    total = sum(len(stored.files) for stored in manifest.tables.values())
    done = 0
    for table in snapshot.TABLES:
        expected = manifest.tables[table]
        for name in expected.files:
            report(done, total)
            path = directory / Path(name).name
            try:
                if not path.is_file():
                    raise ConfigurationError(f"{path} is missing.")
                snapshot.load(store, table, path)
            except StoreMistake as error:
                raise ConfigurationError(f"{path} cannot be read ({error}).") from error
            done += 1
        scratch = settings.data / f".{table}.sum"
        found = snapshot.content(store, table, scratch)
        if table == snapshot.EXPIRING and found.rows < expected.rows:
            continue
        if (found.rows, str(found.checksum)) != (expected.rows, expected.checksum):
            raise ConfigurationError(
                f"{table} is not as it was: {found.rows} rows, {expected.rows} expected, or other ones; a "
                "file is damaged."
            )
    report(total, total)


def _load_rest(settings: Settings, catalog: Catalog, directory: Path, manifest: Manifest) -> None:
    with catalog.session(write=True) as session:  # last, and all or nothing: nothing else fails after it
        if catalog_rows.load(session, directory / CATALOG) != manifest.catalog_rows:
            raise ConfigurationError(f"{directory / CATALOG} is not whole.")
        if (directory / KEY).exists() and not settings.configured_secret_key:
            draft = settings.data / ".secret_key.restored"
            shutil.copyfile(directory / KEY, draft)
            draft.chmod(0o600)
            sync(draft)
            draft.replace(settings.data / KEY)
        queues.restore(settings, directory / QUEUE, _project_of)


def _project_of(body: bytes) -> str:
    try:
        return unpack(body)[0].context.project_id
    except (msgspec.MsgspecError, IndexError):
        return ""
