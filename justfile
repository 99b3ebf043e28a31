# Recipes of Task Tracker. `./just` needs Go and Node only and installs the rest.

set shell := ["sh", "-cu"]
# .env is the programs' own; it is read here too so that LOG_FORMAT in it wins over the default below.
set dotenv-load

export CGO_ENABLED := env("CGO_ENABLED", "0")
# Without the checkout's path in them, what was compiled for one checkout serves every other.
export GOFLAGS := env("GOFLAGS", "-trimpath")

# list the recipes
_default:
    @{{ just_executable() }} --justfile {{ justfile() }} --list --unsorted

# start everything on http://localhost:8080 (PORT, DATA_DIR, ... see .env.example)
[group('use')]
run: build
    @echo 'With a conversation to look at: ./just demo'
    @LOG_FORMAT="${LOG_FORMAT:-console}" exec bin/standalone

# run, with a team's conversation arriving through the real webhook
[group('use')]
demo: build
    @LOG_FORMAT="${LOG_FORMAT:-console}" exec bin/demo bin/standalone

# write all data into one file, while everything works (docs/operating.md)
[group('use')]
[positional-arguments]
backup *FILE: _tools _tasktracker
    @bin/tasktracker backup "$@"

# make an empty place of a backup, or with --replace any: ./just restore [--replace] FILE
[group('use')]
[positional-arguments]
restore *ARGS: _tools _tasktracker
    @bin/tasktracker restore "$@"

# build every binary and the dashboard
[group('build')]
build: _tools build-dashboard
    @mkdir -p bin
    @go build -o bin/ $(for dir in services/*/cmd; do echo "./$dir/..."; done)

# build the page, where its sources changed
[group('build')]
build-dashboard: _dashboard-packages
    @cd dashboard && if [ ! -f dist/index.html ] || [ -n "$(find src public index.html package-lock.json vite.config.ts scripts/plugins.ts tsconfig.json -newer dist/index.html | head -n 1)" ]; then npm run --silent build; fi

# everything: Go, dashboard, end to end
[group('test')]
test: test-go test-dashboard test-e2e

# -race needs a C compiler; where there is none the tests run without it.
race := if `command -v cc || command -v gcc || true` == '' { '' } else { '-race' }

# every package of the workspace but the end-to-end tests
packages := "$(go list -f '{{.Dir}}/...' -m | grep -v '/tests/[.]*$')"

# Databases and brokers of tests lie in /dev/shm where there is room (pkg/testdir). `lint` vets: not once more here. One package
# more at a time than there are processors: some wait for time to pass.
# every Go test (with the race detector where there is a C compiler), or one: ./just test-go ./pkg/bus/... TestPublish
[group('test')]
test-go PKG='' RUN='.': _tools
    CGO_ENABLED={{ if race == '' { '0' } else { '1' } }} go test {{ race }} -vet=off -p $(( {{ num_cpus() }} + 1 )) -timeout 30m -run '{{ RUN }}' {{ if PKG == '' { packages } else { PKG } }}

# unit tests of the dashboard
[group('test')]
test-dashboard: _dashboard-packages
    cd dashboard && npm test --silent

# Side by side: both wait most of the time; what takes longest first. The binaries of `build` are not linked once more.
# the real binaries, brokers, databases and a browser
[group('test')]
[parallel]
test-e2e RUN='.': (_test-processes RUN) _test-page

[private]
_test-processes RUN: build _browser _nginx
    bin=$(mktemp -d) && trap 'rm -rf "$bin"' EXIT && chmod 755 "$bin" && cp bin/* "$bin" && LINE_BIN="$bin" go test -count=1 -timeout 30m -run '{{ RUN }}' ./tests/chaos/... ./tests/...

[private]
_test-page: build _browser
    cd dashboard && npm run --silent size && npm run --silent e2e

# every fault at random moments, at length: kill -9 twenty times, outages, clocks (half an hour)
[group('test')]
chaos RUN='.': build
    CHAOS=1 go test -count=1 -timeout 90m -v -run '{{ RUN }}' ./tests/chaos/

# benchmarks; they print figures and ratios and assert nothing: ./just bench ./tests/bench Line/standalone
[group('test')]
bench PKG='' RUN='.': _tools build-dashboard
    go test -run '^$' -bench '{{ RUN }}' -benchmem -timeout 2h {{ if PKG == '' { packages + ' ./tests/bench' } else { PKG } }}

# train the built-in classifier anew from the data sets in DIR (docs/model-card.md); -measure writes nothing
[group('classifier')]
[positional-arguments]
train *ARGS:
    go run ./services/worker/cmd/train "$@"

# what the shipped classifier is worth: on a folder of data sets, on a file, or on our own held-apart messages
[group('classifier')]
[positional-arguments]
eval *ARGS:
    go run ./services/worker/cmd/eval "$@"

# every fuzz target for TIME each
[group('test')]
fuzz TIME='20s': _tools
    tools/fuzz.sh {{ TIME }}

# generate what is made from proto/, pkg/store/queries and the configuration structs
[group('generate')]
generate: _tools _dashboard-packages
    cd tools && GOWORK=off ../node_modules/.bin/buf generate ../proto --template ../proto/buf.gen.yaml -o ../proto
    cd tools && GOWORK=off go tool oapi-codegen -config ../proto/oapi-codegen.models.yaml ../proto/openapi.yaml
    cd tools && GOWORK=off go tool oapi-codegen -config ../proto/oapi-codegen.server.yaml ../proto/openapi.yaml
    cd tools && GOWORK=off go tool sqlc generate -f ../pkg/store/sqlc.yaml
    cd dashboard && npm run --silent generate
    go run ./services/standalone/cmd/settings > .env.example
    go run ./services/standalone/cmd/settings docs/operating.md

# fail where a generated file is not what `generate` makes
[group('generate')]
check-generated: generate
    @git diff --exit-code -- proto pkg/store dashboard/src/api .env.example docs/operating.md && test -z "$(git ls-files --others --exclude-standard -- proto pkg/store)"

# format, vet, staticcheck, contracts
[group('check')]
lint: _tools _dashboard-packages
    @test -z "$(gofmt -l $(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $(git ls-files '*.go'); exit 1; }
    go vet {{ packages }} ./tests/...
    @mkdir -p bin
    GOWORK=off go build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
    bin/staticcheck {{ packages }} ./tests/...
    node_modules/.bin/buf lint proto
    for file in Dockerfile dashboard/Dockerfile deploy/nats/Dockerfile; do npx --no-install dockerfile-utils lint "$file" || exit 1; done
    cd dashboard && npx tsc --noEmit

# make the README's pictures anew, of a demo started for it
[group('build')]
screenshots: build _browser
    cd dashboard && npm run --silent screenshots

# remove what builds and runs made (not the data: that is .data/)
[group('build')]
clean:
    rm -rf bin dashboard/dist

[private]
_tools:
    @[ -f node_modules/.package-lock.json ] || npm ci --no-fund --no-audit

[private]
_tasktracker:
    @mkdir -p bin
    @go build -o bin/ ./services/standalone/cmd/tasktracker

[private]
_dashboard-packages:
    @cd dashboard && if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --no-fund --no-audit --silent; fi

# Chromium for the end-to-end tests: the one there is, else Debian's
[private]
_browser:
    @command -v chromium >/dev/null || command -v google-chrome >/dev/null || { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || { echo "install Chromium for the browser test" >&2; exit 1; }

# nginx for the tests of the front door: the one there is, else Debian's
[private]
_nginx:
    @command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light; } || { echo "install nginx for the tests of the front door" >&2; exit 1; }
