// Package postgres connects to PostgreSQL and brings its schema up to date.
//
// Connect waits for a server that is not there yet, as containers start in any
// order; what waiting cannot mend (a wrong password, a missing database, a URL
// that makes no sense) is an error at once. No error and no log line of this
// package has the password.
//
// Migrate may be called by any number of processes at the same time: one
// migrates, the others wait for it and find nothing left to do. It never
// migrates down, and refuses a database that is newer than the program.
package postgres
