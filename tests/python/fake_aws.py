"""An `aws` that keeps S3 in a folder: what deploy/aws/run.sh calls, and no more. Run as `python fake_aws.py FOLDER ARGUMENTS`."""

import hashlib
import shutil
import sys
from pathlib import Path


def place(text: str, store: Path) -> Path:
    return store / text.removeprefix("s3://") if text.startswith("s3://") else Path(text)


def option(words: list[str], name: str) -> str | None:
    return words[words.index(name) + 1] if name in words else None


def refuse(why: str) -> int:
    print(f"An error occurred ({why})", file=sys.stderr)
    return 254


def object_api(store: Path, words: list[str]) -> int:
    key = store / str(option(words, "--bucket")) / str(option(words, "--key"))
    if (key.parent / "denied").exists():
        return refuse("AccessDenied")
    etag = f'"{hashlib.md5(key.read_bytes(), usedforsecurity=False).hexdigest()}"' if key.exists() else None
    if words[0] == "get-object":
        if etag is None:
            return refuse("NoSuchKey")
        shutil.copy(key, words[-1])
        print(etag)
        return 0
    wanted = option(words, "--if-match")
    if (wanted and wanted != etag) or (option(words, "--if-none-match") == "*" and etag):
        return refuse("PreconditionFailed")
    key.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(str(option(words, "--body")), key)
    return 0


def copy(store: Path, verb: str, words: list[str]) -> int:
    source, *targets = [word for word in words if not word.startswith("--")]
    if verb == "rm":
        place(source, store).unlink()
        return 0
    target = place(targets[0], store)
    if verb == "sync":
        if place(source, store).is_dir():
            shutil.copytree(place(source, store), target, dirs_exist_ok=True)
        return 0
    if targets[0] == "-":
        sys.stdout.buffer.write(place(source, store).read_bytes())
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(sys.stdin.buffer.read() if source == "-" else place(source, store).read_bytes())
    if verb == "mv":
        place(source, store).unlink()
    return 0


def main(store: Path, service: str, verb: str, *words: str) -> int:
    if (service, verb) == ("rds", "generate-db-auth-token"):
        print("token")
        return 0
    return object_api(store, [verb, *words]) if service == "s3api" else copy(store, verb, list(words))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
