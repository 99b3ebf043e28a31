// Package frontdoor tests what stands before the services in production: the real nginx
// with the real templates before the real binaries, and the compose files.
package frontdoor
