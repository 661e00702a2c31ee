# a trained model and its index as the application ships them: 40 MB, half of it compresses
mkdir -p model
python3 - <<'P'
import pathlib, random
r = random.Random(7)
pathlib.Path("model/weights.bin").write_bytes(r.randbytes(20 << 20))
for i in range(40):
    pathlib.Path(f"model/index-{i:02}.json").write_text("[" + ",".join(str(r.randrange(10)) for _ in range(250_000)) + "]\n")
P
