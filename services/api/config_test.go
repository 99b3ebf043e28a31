package api_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

func TestEveryWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	for _, cfg := range []api.Config{
		{}, {PublicBaseURL: "http://localhost:8080"}, {PublicBaseURL: "https://x.example/", TrustedProxies: []string{"10.0.0.1", " 10.0.0.0/8", "::1", "fd00::/8"}},
	} {
		if err := cfg.Validate(); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	for _, base := range []string{"x.example", "ftp://x.example", "https://", "https://x.example/path", "https://x.example/?q", "https://u@x.example", "https://x.example/#f", "://"} {
		err := api.Config{PublicBaseURL: base, TrustedProxies: []string{"everyone", "10.0.0.0/99"}}.Validate()
		if err == nil {
			t.Errorf("%s passes", base)
			continue
		}
		for _, part := range []string{"PUBLIC_BASE_URL", base, "everyone", "10.0.0.0/99"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: does not name %s: %v", base, part, err)
			}
		}
	}
}
