// Package proto carries the contract: what callers see over HTTP (openapi.yaml), over the
// WebSocket (asyncapi.yaml), and what services say to each other (events/).
//
// The code under gen is generated from these files: models of the HTTP contract and the frames
// in gen/api, the strict server of the service api in gen/apiserver, bus messages in gen/events.
package proto

import _ "embed"

//go:embed openapi.yaml
var openAPI string

//go:embed asyncapi.yaml
var asyncAPI string

// OpenAPI returns openapi.yaml, the whole HTTP contract of every service. The one embedded in
// gen/apiserver holds only what the service api answers.
func OpenAPI() []byte { return []byte(openAPI) }

// AsyncAPI returns asyncapi.yaml, the contract of /ws. Its payloads refer to openapi.yaml.
func AsyncAPI() []byte { return []byte(asyncAPI) }
