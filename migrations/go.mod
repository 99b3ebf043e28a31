module github.com/tasktracker/tasktracker/migrations

go 1.26.0
