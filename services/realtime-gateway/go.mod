module github.com/tasktracker/tasktracker/services/realtime-gateway

go 1.26.0

require (
	github.com/tasktracker/tasktracker/migrations v0.0.0
	github.com/tasktracker/tasktracker/pkg v0.0.0
	github.com/tasktracker/tasktracker/proto v0.0.0
)

require (
	github.com/getkin/kin-openapi v0.153.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	go.uber.org/goleak v1.3.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/tasktracker/tasktracker/proto => ../../proto

replace github.com/tasktracker/tasktracker/pkg => ../../pkg

replace github.com/tasktracker/tasktracker/migrations => ../../migrations
