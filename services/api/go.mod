module github.com/tasktracker/tasktracker/services/api

go 1.26.0

require (
	github.com/tasktracker/tasktracker/migrations v0.0.0
	github.com/tasktracker/tasktracker/pkg v0.0.0
	github.com/tasktracker/tasktracker/proto v0.0.0
)

replace github.com/tasktracker/tasktracker/proto => ../../proto

replace github.com/tasktracker/tasktracker/pkg => ../../pkg

replace github.com/tasktracker/tasktracker/migrations => ../../migrations
