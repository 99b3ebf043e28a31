package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/config"
)

// Inner is exported so that it can be embedded and set.
type Inner struct {
	Wait  time.Duration `envconfig:"TEST_WAIT" default:"10s" desc:"how long to wait"`
	Token int           `envconfig:"TEST_TOKEN" secret:"true" desc:"a secret number"`
}

type spec struct {
	Name string `envconfig:"TEST_NAME" default:"x" desc:"a name"`
	Inner
}

func (s *spec) Validate() error {
	if s.Name == "bad" {
		return errors.New("TEST_NAME is bad: use another")
	}
	return nil
}

func load(t *testing.T, dotenv string, env map[string]string) (spec, error) {
	t.Helper()
	for _, name := range []string{"TEST_WAIT", "TEST_TOKEN", "TEST_NAME"} {
		t.Setenv(name, env[name])
		if _, ok := env[name]; !ok {
			os.Unsetenv(name)
		}
	}
	file := filepath.Join(t.TempDir(), ".env")
	if dotenv != "" {
		if err := os.WriteFile(file, []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var s spec
	err := config.Load(file, &s)
	return s, err
}

func TestEnvironmentWinsOverFileWinsOverDefault(t *testing.T) {
	s, err := load(t, "TEST_NAME=file\nTEST_WAIT=2s\n", map[string]string{"TEST_NAME": "env"})
	if err != nil || s.Name != "env" || s.Wait != 2*time.Second {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestAWrongSettingIsNamedWithWhatItShouldBe(t *testing.T) {
	for name, c := range map[string]struct {
		env   map[string]string
		has   []string
		lacks string
	}{
		"duration": {map[string]string{"TEST_WAIT": "soon"}, []string{"TEST_WAIT", `"soon"`, "duration", "how long to wait"}, "\x00"},
		"secret":   {map[string]string{"TEST_TOKEN": "hunter2"}, []string{"TEST_TOKEN", "whole number"}, "hunter2"},
		"rule":     {map[string]string{"TEST_NAME": "bad"}, []string{"TEST_NAME is bad"}, "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, "", c.env)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.has {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), c.lacks) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q tells too much", err)
			}
		})
	}
}

func TestABrokenFileIsAnError(t *testing.T) {
	if _, err := load(t, "'unclosed", nil); err == nil || !strings.Contains(err.Error(), "NAME=value") {
		t.Errorf("error %v", err)
	}
}

func TestDescribeListsEverySetting(t *testing.T) {
	var names []string
	for _, s := range config.Describe(&spec{}) {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "TEST_NAME TEST_WAIT TEST_TOKEN" {
		t.Errorf("described %s", got)
	}
}
