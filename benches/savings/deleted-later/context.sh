# a working copy as it is on a developer's disk: a repository with history, a
# database dump, a log
export GIT_AUTHOR_DATE='2025-06-15T00:00:00Z' GIT_COMMITTER_DATE='2025-06-15T00:00:00Z' GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
mkdir -p data
python3 - <<'P'
import pathlib, random
r = random.Random(11)
pathlib.Path("data/photos.bin").write_bytes(r.randbytes(6 << 20))
pathlib.Path("data/dump.sql").write_text("".join(f"INSERT INTO t VALUES ({i}, '{r.getrandbits(128):032x}');\n" for i in range(400_000)))
pathlib.Path("server.log").write_text("".join(f"GET /item/{r.randrange(10**6)} 200 {r.randrange(900)}\n" for _ in range(150_000)))
P
git -c init.defaultBranch=main init -q .
git add -f data main.py tests && git commit -qm 'add data' && git rm -rq --cached data && git commit -qm 'drop data'
