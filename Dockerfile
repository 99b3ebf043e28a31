# syntax=docker/dockerfile:1
# Every Go service, chosen by --build-arg SERVICE: ingest, api, realtime-gateway, worker,
# or tasktracker (the operator's tool: migrate, backup, restore).
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS=-trimpath
# The modules first: they change seldom, and are kept between builds.
COPY go.work go.work.sum ./
COPY proto/go.mod proto/go.sum proto/
COPY migrations/go.mod migrations/
COPY pkg/go.mod pkg/go.sum pkg/
COPY services/api/go.mod services/api/go.sum services/api/
COPY services/ingest/go.mod services/ingest/go.sum services/ingest/
COPY services/realtime-gateway/go.mod services/realtime-gateway/go.sum services/realtime-gateway/
COPY services/standalone/go.mod services/standalone/go.sum services/standalone/
COPY services/worker/go.mod services/worker/go.sum services/worker/
COPY tests/go.mod tests/go.sum tests/
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY proto proto
COPY migrations migrations
COPY pkg pkg
COPY services services
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -ldflags='-s -w' -o /out/ ./pkg/cmd/healthcheck \
        ./services/ingest/cmd/ingest ./services/api/cmd/api ./services/realtime-gateway/cmd/realtime-gateway \
        ./services/worker/cmd/worker ./services/standalone/cmd/tasktracker

FROM gcr.io/distroless/static-debian12:nonroot
ARG SERVICE
COPY --from=build /out/healthcheck /usr/local/bin/healthcheck
COPY --from=build /out/${SERVICE} /usr/local/bin/service
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/healthcheck"]
ENTRYPOINT ["/usr/local/bin/service"]
