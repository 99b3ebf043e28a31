// Package bench measures the whole line from the outside: the real binaries as
// processes, driven over HTTP and WebSocket. It prints figures and ratios and asserts
// nothing about time. Run it with `./just bench ./tests/bench`.
package bench
