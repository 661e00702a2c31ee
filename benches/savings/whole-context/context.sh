# a developer's folder after `npm ci` and a test run with coverage, in git
export GIT_AUTHOR_DATE='2025-06-15T00:00:00Z' GIT_COMMITTER_DATE='2025-06-15T00:00:00Z' GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git -c init.defaultBranch=main init -q . && git add . && git commit -qm 'greet'
npm ci --ignore-scripts >/dev/null
mkdir coverage
python3 - <<'P'
import pathlib, random
r = random.Random(17)
pathlib.Path("coverage/lcov.info").write_text("".join(f"DA:{i},{r.randrange(100)}\n" for i in range(500_000)))
P
