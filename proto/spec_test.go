package proto_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tasktracker/tasktracker/proto"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

func loadSpec(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(proto.OpenAPI())
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	return spec
}

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	if err := loadSpec(t).Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
}

// Every operation tells what it does and every way in which it ends.
func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) != 1 {
				t.Errorf("%s: wants an operationId, a summary, a description and one tag", name)
			}
			for _, ref := range op.Parameters {
				if ref.Value.Description == "" {
					t.Errorf("%s: parameter %s has no description", name, ref.Value.Name)
				}
			}
			if _, takesInput := op.Responses.Map()["422"]; !takesInput && path != "/webhook/telegram" &&
				(len(op.Parameters) > 0 || op.RequestBody != nil) {
				t.Errorf("%s: takes input and has no 422", name)
			}
			if _, ok := op.Responses.Map()["413"]; ok != (op.RequestBody != nil) {
				t.Errorf("%s: 413 belongs to the operations with a body, and to them only", name)
			}
		}
	}
}

// An error is Error, 422 is ValidationError; what differs is listed here with its schema.
func TestEveryErrorHasTheErrorSchema(t *testing.T) {
	t.Parallel()
	different := map[string]string{
		"GET /api/health 503": "#/components/schemas/Health", // names each dependency
		"GET /metrics 500":    "text",                        // written by the Prometheus client
	}
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			for status, response := range op.Responses.Map() {
				if status < "400" {
					continue
				}
				name := fmt.Sprintf("%s %s %s", method, path, status)
				want := "#/components/schemas/Error"
				if status == "422" {
					want = "#/components/schemas/ValidationError"
				}
				if other, ok := different[name]; ok {
					want = other
				}
				got := "text"
				if media := response.Value.Content["application/json"]; media != nil {
					got = media.Schema.Ref
				}
				if got != want {
					t.Errorf("%s answers with %q, want %q", name, got, want)
				}
				retry := response.Value.Headers["Retry-After"] != nil
				if wanted := status == "429" || status == "503"; retry != wanted {
					t.Errorf("%s: Retry-After documented is %v, want %v", name, retry, wanted)
				}
			}
		}
	}
}

// A list is an array with a bound; where it has a cursor, the next page is in the headers.
func TestListsAreBoundedAndPaged(t *testing.T) {
	t.Parallel()
	lists := 0
	for path, item := range loadSpec(t).Paths.Map() {
		op := item.Get
		if op == nil || op.Responses.Value("200").Value.Content["application/json"] == nil {
			continue
		}
		response := op.Responses.Value("200").Value
		schema := response.Content["application/json"].Schema.Value
		if !schema.Type.Is("array") {
			continue
		}
		lists++
		if schema.MaxItems == nil {
			t.Errorf("GET %s: list without maxItems", path)
		}
		paged := op.Parameters.GetByInAndName("query", "cursor") != nil
		if headers := response.Headers["Link"] != nil && response.Headers["X-Next-Cursor"] != nil; paged != headers {
			t.Errorf("GET %s: cursor is %v, headers of the next page are %v", path, paged, headers)
		}
		if limit := op.Parameters.GetByInAndName("query", "limit"); paged && *limit.Schema.Value.Max != float64(*schema.MaxItems) {
			t.Errorf("GET %s: limit and maxItems differ", path)
		}
	}
	if lists != 18 {
		t.Errorf("saw %d lists, want 18", lists)
	}
}

// asyncapi.yaml refers to every frame of openapi.yaml and to nothing that is not there.
func TestAsyncAPIFramesAreThoseOfOpenAPI(t *testing.T) {
	t.Parallel()
	spec := loadSpec(t)
	var referred, frames []string
	for _, match := range regexp.MustCompile(`\./openapi\.yaml#/components/schemas/(\w+)`).FindAllSubmatch(proto.AsyncAPI(), -1) {
		referred = append(referred, string(match[1]))
	}
	for name := range spec.Components.Schemas {
		if strings.HasSuffix(name, "Frame") {
			frames = append(frames, name)
		}
	}
	slices.Sort(referred)
	slices.Sort(frames)
	if !slices.Equal(referred, frames) {
		t.Errorf("asyncapi.yaml refers to %v, openapi.yaml has %v", referred, frames)
	}
	for _, name := range frames {
		frame := spec.Components.Schemas[name].Value
		wireName := fmt.Sprint(frame.Properties["type"].Value.Enum[0])
		if !strings.Contains(string(proto.AsyncAPI()), "\n      name: "+wireName+"\n") {
			t.Errorf("asyncapi.yaml has no message named %s for %s", wireName, name)
		}
	}
}

// The spec of package apiserver is this one without what other services answer.
func TestEmbeddedSpecIsWhatTheAPIServes(t *testing.T) {
	t.Parallel()
	served, err := apiserver.GetSpec()
	if err != nil {
		t.Fatalf("read the embedded spec: %v", err)
	}
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			want := !slices.Contains([]string{"ingest", "probe"}, op.Tags[0])
			got := served.Paths.Value(path) != nil && served.Paths.Value(path).GetOperation(method) != nil
			if got != want {
				t.Errorf("%s %s in the embedded spec: %v, want %v", method, path, got, want)
			}
			if got && served.Paths.Value(path).GetOperation(method).OperationID != op.OperationID {
				t.Errorf("%s %s: the embedded spec is of an older openapi.yaml; generate it anew", method, path)
			}
		}
	}
}
