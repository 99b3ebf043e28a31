// Package postgrestest gives each test a real PostgreSQL database of its own.
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
//
//	func TestStore(t *testing.T) {
//		t.Parallel()
//		pool := postgrestest.New(t) // migrated, empty, dropped at the end
//	}
//
// # How many servers
//
// One per test program, that is per package: started at the first use, stopped
// when Main returns. One for all packages would save each about half a second,
// and would need someone to stop it: whoever runs the tests would be left with a
// server whenever the last package of a run ended in another way than by
// returning. A server of its own dies with its program. On Linux the kernel sees
// to that, also after a panic, a -timeout or kill -9; elsewhere, and for the
// files, the next run removes what an ended program left behind.
//
// A start is cheap because initdb runs once per machine and user: later servers
// begin with a copy of its result, kept in <directory>/task-tracker-test-<uid>; the
// directory is /dev/shm where there is room (package testdir), else the temporary one.
// The server syncs nothing to disk. Migrations run once per program, into a
// template that each test's database is a copy of.
//
// # A server of your own
//
// Where TASKTRACKER_TEST_DATABASE_URL is set, that server is used instead, by a
// role that may create databases; nothing is started, and databases made by the
// tests are dropped. This is the one place outside a main function that reads the
// environment: a test program's main is not ours to write.
package postgrestest
