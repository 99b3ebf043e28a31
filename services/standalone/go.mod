module github.com/tasktracker/tasktracker/services/standalone

go 1.26.0

require (
	github.com/tasktracker/tasktracker/migrations v0.0.0
	github.com/tasktracker/tasktracker/pkg v0.0.0
	github.com/tasktracker/tasktracker/proto v0.0.0
	github.com/tasktracker/tasktracker/services/api v0.0.0
	github.com/tasktracker/tasktracker/services/ingest v0.0.0
	github.com/tasktracker/tasktracker/services/realtime-gateway v0.0.0
	github.com/tasktracker/tasktracker/services/worker v0.0.0
)

require (
	github.com/gofrs/flock v0.13.2 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/pgx/v5 v5.12.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/nats-io/nats.go v1.55.0 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/rs/zerolog v1.35.1 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/tasktracker/tasktracker/proto => ../../proto

replace github.com/tasktracker/tasktracker/pkg => ../../pkg

replace github.com/tasktracker/tasktracker/migrations => ../../migrations

replace github.com/tasktracker/tasktracker/services/ingest => ../ingest

replace github.com/tasktracker/tasktracker/services/api => ../api

replace github.com/tasktracker/tasktracker/services/realtime-gateway => ../realtime-gateway

replace github.com/tasktracker/tasktracker/services/worker => ../worker
